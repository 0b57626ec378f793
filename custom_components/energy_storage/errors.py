"""Errors for whoever asked for something, each with its text."""

from collections.abc import Mapping

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN


def refused(code: str) -> HomeAssistantError:
    """Make the error for what is not done, from the code of why."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=f"refused_{code}")


def not_dispatched(code: str, values: Mapping[str, object]) -> ServiceValidationError:
    """Make the error for a dispatch that is not taken, from the code of why and its numbers."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"refused_{code}",
        translation_placeholders={name: _written(value) for name, value in values.items()},
    )


def not_allowed(field: str, value: object, allowed: str) -> ServiceValidationError:
    """Make the error for a value that a field cannot have."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_allowed",
        translation_placeholders={"field": field, "value": str(value), "allowed": allowed},
    )


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
