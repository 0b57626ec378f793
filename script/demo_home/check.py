"""Holds the running demo against what it promises: real values that move."""

import asyncio
from typing import Any

from .api import HomeAssistantApi
from .processes import DemoError

_MOVING = ("pv_power", "load_power", "battery_power")
_PRESENT = (
    "battery_soc",
    "grid_power",
    "grid_import_energy",
    "grid_export_energy",
    "battery_charge_energy",
    "battery_discharge_energy",
    "pv_energy",
    "load_energy",
)
_SECONDS = 120


async def wait_for_live_values(api: HomeAssistantApi, ids: dict[str, str]) -> None:
    """Return when every reading has a value and every power has changed.

    Raises:
        DemoError: it did not happen in time; names the entities that are missing or stand still.

    """
    seen: dict[str, set[str]] = {key: set() for key in (*_MOVING, *_PRESENT)}
    waiting: dict[str, str] = {}
    for _ in range(_SECONDS):
        states: list[dict[str, Any]] = await api.command("get_states")
        by_id = {state["entity_id"]: state["state"] for state in states}
        for key, values in seen.items():
            state = by_id.get(ids[key], "missing")
            if state not in {"missing", "unknown", "unavailable"}:
                values.add(state)
        waiting = {
            ids[key]: ", ".join(sorted(values)) or "no value"
            for key, values in seen.items()
            if len(values) < (2 if key in _MOVING else 1)
        }
        if not waiting:
            return
        await asyncio.sleep(1)
    raise DemoError(f"after {_SECONDS} s these have no value or do not move: {waiting}")
