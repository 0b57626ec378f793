"""Tests of the Chint driver."""
