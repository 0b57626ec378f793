"""Measures what the integration costs the plant and Home Assistant."""
