"""Tests of the Instagen driver."""
