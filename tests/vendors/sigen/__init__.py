"""Tests of the Sigen driver."""
