"""Diagnostics: what we know and what the plant said, without serial numbers and addresses."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import CONF_SERIAL_PORT, DOMAIN
from .controller import ControlView
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.plant import Device
from .link import Link
from .register_services import to_json

TO_REDACT: Final = frozenset({CONF_HOST, CONF_SERIAL_PORT, "serial", "uid", "unique_id", "title"})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry
) -> dict[str, Any]:
    """Return everything about one plant; `raw_registers` loads as it is into the simulator."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"entry": _entry(entry)}
    runtime = entry.runtime_data
    reading = runtime.cycle.reading()
    return {
        "entry": _entry(entry),
        "devices": [_device(device) for device in runtime.driver.devices],
        "reading": {
            "stage": reading.stage,
            "age_s": (reading.at - reading.state.read_at).total_seconds(),
            "state": asdict(reading.state),
        },
        "everything_asked_once": runtime.driver.settled,
        "cycle": _cycle(entry),
        "control": _control(runtime),
        "grid_meter": _meter(runtime),
        "alarms": runtime.alarms.changes,
        "points": {device.key: _points(runtime, device) for device in runtime.driver.devices},
        "raw_registers": runtime.driver.raw(),
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return what one device of the plant said; nothing but that for a device that is gone."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"entry": _entry(entry)}
    runtime = entry.runtime_data
    for known in runtime.driver.devices:
        if (DOMAIN, known.uid) in device.identifiers:
            return {
                "device": _device(known),
                "reachable": runtime.cycle.reading().state.reachable.get(known.key),
                "points": _points(runtime, known),
                "raw_registers": runtime.driver.raw(known),
            }
    return {"device": None}


def _entry(entry: EnergyStorageConfigEntry) -> dict[str, Any]:
    """Tell what can be told of a plant that could not be set up, too: how it is reached, what is wrong."""
    described: dict[str, Any] = async_redact_data(
        {
            "data": dict(entry.data),
            "options": dict(entry.options),
            "title": entry.title,
            "unique_id": entry.unique_id,
            "state": entry.state,
            "error": entry.error_reason_translation_key,
        },
        TO_REDACT,
    )
    return described


def _cycle(entry: EnergyStorageConfigEntry) -> dict[str, Any]:
    """Tell how the polls went; an error may name the address."""
    told = asdict(entry.runtime_data.cycle.statistics)
    if told["last_error"] is not None:
        told["last_error"] = told["last_error"].replace(Link.of(entry.data).where, REDACTED)
    return told


def _control(runtime: PlantRuntime) -> dict[str, Any] | None:
    """Tell what is wanted, decided, held and known to work; None where nothing can be commanded."""
    controller = runtime.controller
    if controller is None:
        return None
    reading, limits = runtime.cycle.reading(), runtime.settings.settings.limits
    view, inputs = reading.control, controller.inputs(reading.state)
    return {
        "settings": runtime.settings.as_dict(),
        "documents": runtime.calendars.store.kept.to_json(),
        "lasting": controller.memory.lasting.to_json(),
        "view": None if view is None else _view(view),
        "guards": dict(controller.control.capabilities(limits).guards),
        "effects": dict(controller.control.effects()),
        "provable": dict(controller.control.provable()),
        "react_s": inputs.react_s,
        "react_with_meter_s": None if inputs.meter is None else inputs.meter.react_s,
    }


def _meter(runtime: PlantRuntime) -> dict[str, Any] | None:
    """Tell what the owner's meter said last, and how it is doing; None without one."""
    if (own := runtime.meter) is None:
        return None
    newest, interval = own.meter.newest, own.meter.interval
    return {
        "newest": None if newest is None else asdict(newest),
        "interval_s": None if interval is None else interval.total_seconds(),
        "problem": own.meter.problem,
        **own.source.told(),
    }


def _view(view: ControlView) -> dict[str, Any]:
    abilities = {
        kind.value: asdict(able) | {"obeys": sorted(able.obeys)} for kind, able in view.abilities.items()
    }
    return asdict(view) | {"abilities": abilities}


def _device(device: Device) -> dict[str, Any]:
    described: dict[str, Any] = async_redact_data(asdict(device), TO_REDACT)
    return described


def _points(runtime: PlantRuntime, device: Device) -> dict[str, Any]:
    driver = runtime.driver
    serials = {known.identity.serial for known in driver.devices} - {None}
    values = {point.key: driver.value(point) for point in driver.points if point.device == device.key}
    return {key: REDACTED if value in serials else to_json(value) for key, value in values.items()}
