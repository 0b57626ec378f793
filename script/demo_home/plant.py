"""Adds the simulated plant through the integration's own config flow, as an owner would."""

import asyncio
from typing import Any

from .api import HomeAssistantApi, Json
from .processes import HOST, DemoError

DOMAIN = "energy_storage"
_FLOW = "/api/config/config_entries/flow"


async def add_plant(api: HomeAssistantApi, port: int) -> bool:
    """Walk through the config flow; False when the plant is there already."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    if entries:
        return False
    step = await api.rest("POST", _FLOW, {"handler": DOMAIN})
    answers: dict[str, Json] = {"sigen": {"host": HOST, "port": port}}
    while step["type"] != "create_entry":
        step = await _next(api, step, answers)
    return True


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
    """Entity ids of the plant's own device by translation key, or by what follows the serial number."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    entities = await api.command("config/entity_registry/list")
    # The plant's serial number stands for it, and every unique id of its own device begins with it.
    ours = [entity for entity in entities if entity["config_entry_id"] == entries[0]["entry_id"]]
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
