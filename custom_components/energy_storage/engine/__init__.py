"""Decides what the plant should do; pure, knows neither Home Assistant nor any vendor."""
