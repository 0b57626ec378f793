"""Decides what the plant should do; pure, knows neither Home Assistant nor any vendor."""

from .decision import Act, Decision, Reason
from .inputs import Inputs, Site
from .memory import Memory
from .plant import Ownership
from .settings import SETTINGS, ControlState, Settings
from .step import give_up, step

__all__ = [
    "SETTINGS",
    "Act",
    "ControlState",
    "Decision",
    "Inputs",
    "Memory",
    "Ownership",
    "Reason",
    "Settings",
    "Site",
    "give_up",
    "step",
]
