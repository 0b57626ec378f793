"""Simulated devices, to test against and to play with."""
