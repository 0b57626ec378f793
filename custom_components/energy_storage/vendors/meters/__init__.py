"""Meters at the grid connection that we speak to."""

from .ddsu666 import DDSU666
from .dtsu666 import DTSU666
from .meter import MeterModel

MODELS: tuple[MeterModel, ...] = (DTSU666, DDSU666)
"""In the order in which a meter is asked whether it is one."""


def model_by_key(key: str) -> MeterModel:
    """Find a model; there is no other way to have its key than from here."""
    return next(model for model in MODELS if model.key == key)
