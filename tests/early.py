"""Loaded before every other pytest plugin, so that the public harness runs on Home Assistant 2026.11.

The harness is made for the release before: it imports `httpx` through `respx`, which Home Assistant
now aliases when it is imported itself, and it looks for one helper where it used to be. The import of
our own package claims the name `custom_components` before the harness brings a folder of that name.
"""

import contextlib

import homeassistant  # noqa: F401  aliases httpx
from homeassistant.components import logger

import custom_components  # noqa: F401  claims the namespace

if not hasattr(logger, "_clear_logger_overwrites"):
    with contextlib.suppress(ImportError):
        from homeassistant.components.logger import helpers

        logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]  # where the harness looks
