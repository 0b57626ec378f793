"""Energy Storage: a home battery run locally by Home Assistant."""
