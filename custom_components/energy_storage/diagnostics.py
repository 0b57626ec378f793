"""Diagnostics: what we know and what the plant said, without serial numbers and addresses."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.plant import Device
from .services import to_json

TO_REDACT: Final = frozenset({CONF_HOST, "serial", "uid", "unique_id", "title"})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry
) -> dict[str, Any]:
    """Return everything about one plant; `raw_registers` loads as it is into the simulator."""
    runtime = entry.runtime_data
    reading = runtime.cycle.reading()
    return {
        "entry": async_redact_data(
            {
                "data": dict(entry.data),
                "options": dict(entry.options),
                "title": entry.title,
                "unique_id": entry.unique_id,
            },
            TO_REDACT,
        ),
        "devices": [_device(device) for device in runtime.driver.devices],
        "reading": {
            "stage": reading.stage,
            "age_s": (reading.at - reading.state.read_at).total_seconds(),
            "state": asdict(reading.state),
        },
        "everything_asked_once": runtime.driver.settled,
        "cycle": asdict(runtime.cycle.statistics),
        "alarms": runtime.alarms.changes,
        "points": {device.key: _points(runtime, device) for device in runtime.driver.devices},
        "raw_registers": _raw(runtime.driver.raw()),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return what one device of the plant said; nothing but that for a device that is gone."""
    runtime = entry.runtime_data
    for known in runtime.driver.devices:
        if (DOMAIN, known.uid) in device.identifiers:
            raw = runtime.driver.raw()
            return {
                "device": _device(known),
                "reachable": runtime.cycle.reading().state.reachable.get(known.key),
                "points": _points(runtime, known),
                "raw_registers": _raw({known.unit_id: raw.get(known.unit_id, {})}),
            }
    return {"device": None}


def _device(device: Device) -> dict[str, Any]:
    described: dict[str, Any] = async_redact_data(asdict(device), TO_REDACT)
    return described


def _points(runtime: PlantRuntime, device: Device) -> dict[str, Any]:
    driver = runtime.driver
    serials = {known.identity.serial for known in driver.devices} - {None}
    values = {point.key: driver.value(point) for point in driver.points if point.device == device.key}
    return {key: REDACTED if value in serials else to_json(value) for key, value in values.items()}


def _raw(words: Mapping[int, Mapping[int, int]]) -> dict[str, dict[str, int]]:
    return {
        str(unit_id): {str(address): word for address, word in sorted(of_unit.items())}
        for unit_id, of_unit in sorted(words.items())
    }
