"""The demo: a house with a simulated plant and a real Home Assistant."""
