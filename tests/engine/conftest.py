"""A busy machine fails no property."""

from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
