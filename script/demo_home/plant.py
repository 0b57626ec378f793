"""Adds the simulated plant through the integration's own config flow, as an owner would."""

import asyncio
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


async def add_plant(api: HomeAssistantApi, port: int) -> bool:
    """Walk through the config flow; False when the plant is there already."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    if entries:
        return False
    step = await api.rest("POST", _FLOW, {"handler": DOMAIN})
    answers: dict[str, Json] = {"sigen": {"host": HOST, "port": port}}
    while step["type"] != "create_entry":
        step = await _next(api, step, answers)
    await _connect_to_grid(api)
    return True


async def _connect_to_grid(api: HomeAssistantApi) -> None:
    """Say how the house is connected, and wait until the plant is set up again with that."""
    [entry] = await api.command("config_entries/get", domain=DOMAIN)
    form = await api.rest("POST", _SUBENTRY_FLOW, {"handler": [entry["entry_id"], "grid_connection"]})
    made = await api.rest("POST", f"{_SUBENTRY_FLOW}/{form['flow_id']}", _CONNECTION)
    if made["type"] != "create_entry":
        raise DemoError(f"the grid connection is refused: {made.get('errors')}")
    for _ in range(60):
        await asyncio.sleep(0.5)
        [entry] = await api.command("config_entries/get", domain=DOMAIN)
        if entry["state"] == "loaded":
            return
    raise DemoError(f"the plant is not set up again: {entry['state']}")


async def _next(api: HomeAssistantApi, step: Json, answers: dict[str, Json]) -> Json:
    """Answer one step and return the one after it."""
    path = f"{_FLOW}/{step['flow_id']}"
    match step["type"]:
        case "menu":
            answer: Any = await api.rest("POST", path, {"next_step_id": step["menu_options"][0]})
        case "form":
            if step.get("errors"):
                raise DemoError(f"the config flow refuses the plant: {step['errors']}")
            answer = await api.rest("POST", path, answers.get(step["step_id"], {}))
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


async def entity_ids(api: HomeAssistantApi) -> dict[str, str]:
    """Enabled entities of the plant's own device, by what follows its serial number in their unique ids."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    entities = await api.command("config/entity_registry/list")
    # The plant's serial number stands for it, and every unique id of its own device begins with it.
    ours = [
        entity
        for entity in entities
        if entity["config_entry_id"] == entries[0]["entry_id"] and not entity["disabled_by"]
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


async def plant_device_id(api: HomeAssistantApi) -> str:
    """Registry id of the plant's device."""
    for device in await api.command("config/device_registry/list"):
        if device["identifiers"] and device["identifiers"][0][0] == DOMAIN and not device["via_device_id"]:
            return str(device["id"])
    raise DemoError("the plant has no device")
