"""Holds the running demo against what it promises: real values that move."""

import asyncio
from typing import Any

from .api import HomeAssistantApi
from .plant import entity_ids
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


async def wait_for_live_values(api: HomeAssistantApi, *entries: str) -> None:
    """Return when every reading of the plants of these entries has a value and every power has changed.

    Raises:
        DemoError: it did not happen in time; names the entities that are missing or stand still.

    """
    plants = [await _complete(api, entry_id) for entry_id in entries]
    moving = {ids[key] for ids in plants for key in _MOVING}
    present = {ids.get(key) or ids[f"{key}_integrated"] for ids in plants for key in _PRESENT}
    seen: dict[str, set[str]] = {entity_id: set() for entity_id in moving | present}
    waiting: dict[str, str] = {}
    for _ in range(_SECONDS):
        states: list[dict[str, Any]] = await api.command("get_states")
        by_id = {state["entity_id"]: state["state"] for state in states}
        for entity_id, values in seen.items():
            state = by_id.get(entity_id, "missing")
            if state not in {"missing", "unknown", "unavailable"}:
                values.add(state)
        waiting = {
            entity_id: ", ".join(sorted(values)) or "no value"
            for entity_id, values in seen.items()
            if len(values) < (2 if entity_id in moving else 1)
        }
        if not waiting:
            return
        await asyncio.sleep(1)
    raise DemoError(f"after {_SECONDS} s these have no value or do not move: {waiting}")


async def _complete(api: HomeAssistantApi, entry_id: str) -> dict[str, str]:
    """Give a plant's entities once all are there: a sum of our own comes when all was asked once.

    Raises:
        DemoError: it did not happen in time.

    """
    missing: list[str] = []
    for _ in range(_SECONDS):
        ids = await entity_ids(api, entry_id)
        missing = [key for key in _MOVING if key not in ids]
        missing += [key for key in _PRESENT if key not in ids and f"{key}_integrated" not in ids]
        if not missing:
            return ids
        await asyncio.sleep(1)
    raise DemoError(f"after {_SECONDS} s these are missing: {missing}")
