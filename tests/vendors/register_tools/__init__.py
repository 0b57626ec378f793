"""Tests of the tools for whoever explores a device."""
