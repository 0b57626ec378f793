"""Adds the simulated plant through the integration's own config flow, as an owner would."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from .api import HomeAssistantApi, Json
from .processes import HOST, DemoError

DOMAIN = "energy_storage"
_FLOW = "/api/config/config_entries/flow"
_SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
_CONNECTION: Json = {
    "main_fuse_a": 35,
    "phases": "3",
    "inverter_phase": "all",
    "largest_load_w": 4_000,
    "backup_supply": "no",
}
"""How the demo's house is connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the owner of a simulated plant goes through the config flow."""

    choices: tuple[str, ...]
    """What is picked in menus; where none of it is offered, the first."""
    typed: Json = field(default_factory=dict[str, Any])
    """What is typed besides host and port."""


SIGEN = Way(choices=("sigen",))


async def add_plant(api: HomeAssistantApi, port: int, way: Way = SIGEN) -> str:
    """Walk through the config flow, say how the house is connected, and return the id of the entry."""
    step = await api.rest("POST", _FLOW, {"handler": DOMAIN})
    while step["type"] != "create_entry":
        step = await _next(api, step, port, way)
    entry_id = str(step["result"]["entry_id"])
    await _connect_to_grid(api, entry_id)
    return entry_id


async def entry_of(api: HomeAssistantApi, entry_id: str | None) -> Json | None:
    """Give the config entry of this id; None when there is none."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    return next((entry for entry in entries if entry["entry_id"] == entry_id), None)


async def _connect_to_grid(api: HomeAssistantApi, entry_id: str) -> None:
    """Say how the house is connected, and wait until the plant is set up again with that."""
    form = await api.rest("POST", _SUBENTRY_FLOW, {"handler": [entry_id, "grid_connection"]})
    made = await api.rest("POST", f"{_SUBENTRY_FLOW}/{form['flow_id']}", _CONNECTION)
    if made["type"] != "create_entry":
        raise DemoError(f"the grid connection is refused: {made.get('errors')}")
    for _ in range(120):
        await asyncio.sleep(0.5)
        entry = await entry_of(api, entry_id)
        if entry is not None and entry["state"] == "loaded":
            return
    raise DemoError(f"the plant is not set up again: {entry}")


async def _next(api: HomeAssistantApi, step: Json, port: int, way: Way) -> Json:
    """Answer one step and return the one after it."""
    path = f"{_FLOW}/{step['flow_id']}"
    match step["type"]:
        case "menu":
            options = step["menu_options"]
            chosen = next((choice for choice in way.choices if choice in options), options[0])
            answer: Any = await api.rest("POST", path, {"next_step_id": chosen})
        case "form":
            if step.get("errors"):
                raise DemoError(f"the config flow refuses the plant: {step['errors']}")
            answer = await api.rest("POST", path, {"host": HOST, "port": port, **way.typed})
        case "progress":
            await asyncio.sleep(0.5)
            answer = await api.rest("GET", path)
        case "progress_done":
            answer = await api.rest("POST", path, {})
        case other:
            raise DemoError(f"the config flow ends with {other}: {step.get('reason')}")
    if not isinstance(answer, dict):
        raise DemoError(f"the config flow answers {answer!r}")
    return answer


async def entity_ids(api: HomeAssistantApi, entry_id: str) -> dict[str, str]:
    """Enabled entities of the plant's own device, by what follows its serial number in their unique ids."""
    entities = await api.command("config/entity_registry/list")
    # The plant's serial number stands for it, and every unique id of its own device begins with it.
    ours = [
        entity for entity in entities if entity["config_entry_id"] == entry_id and not entity["disabled_by"]
    ]
    devices = {device["id"]: device for device in await api.command("config/device_registry/list")}
    ids = {}
    for entity in ours:
        device = devices[entity["device_id"]]
        uid = device["identifiers"][0][1]
        key = entity["unique_id"].removeprefix(f"{uid}_")
        if device["via_device_id"] is None:
            ids[key] = entity["entity_id"]
    return ids


async def plant_device_id(api: HomeAssistantApi, entry_id: str | None = None) -> str:
    """Registry id of the device of a plant; of the only one where no entry is named."""
    for device in await api.command("config/device_registry/list"):
        ours = device["identifiers"] and device["identifiers"][0][0] == DOMAIN and not device["via_device_id"]
        if ours and entry_id in (None, *device["config_entries"]):
            return str(device["id"])
    raise DemoError("the plant has no device")
