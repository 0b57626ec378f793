"""Tests and simulated devices; the folders mirror custom_components/energy_storage."""
