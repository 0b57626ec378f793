"""The owner's own meter at the grid connection, built from what its subentry keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Final

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util.dt import utcnow

from .const import (
    CONF_DIRECTION,
    CONF_ENTITIES,
    CONF_MODEL,
    CONF_SIDE,
    CONF_UNIT_ID,
    SUBENTRY_GRID_METER,
)
from .grid_meter import GridMeter
from .link import Link
from .meter_source import POLL, ModbusSource, SensorSource, Source
from .vendors.meters import model_by_key
from .vendors.meters.meter import MeterDriver, MeterModel, Side
from .vendors.meters.modbus_meter import TIMEOUT_S, ModbusMeter, open_line

IMPORT_POSITIVE: Final = "import_positive"
EXPORT_POSITIVE: Final = "export_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeter:
    """The owner's meter, and where its readings come from."""

    meter: GridMeter
    source: Source
    subentry_id: str
    model: MeterModel | None
    """None: it is made of sensors."""
    by_phase: bool


def create_meter(hass: HomeAssistant, entry: ConfigEntry) -> OwnMeter | None:
    """Build what the owner has chosen; nothing is asked before it is started."""
    subentry = next(iter(entry.get_subentries_of_type(SUBENTRY_GRID_METER)), None)
    if subentry is None:
        return None
    data = subentry.data
    turned = data[CONF_DIRECTION] == EXPORT_POSITIVE
    if CONF_ENTITIES in data:
        meter = GridMeter(turned=turned)
        entity_ids = tuple(data[CONF_ENTITIES])
        return OwnMeter(
            meter=meter,
            source=SensorSource(hass, meter, entity_ids),
            subentry_id=subentry.subentry_id,
            model=None,
            by_phase=len(entity_ids) > 1,
        )
    meter, model, link = (
        GridMeter(turned=turned, interval=POLL),
        model_by_key(data[CONF_MODEL]),
        Link.of(data),
    )
    return OwnMeter(
        meter=meter,
        source=ModbusSource(meter, entry.title, link, partial(_modbus_meter, hass, entry, link, data)),
        subentry_id=subentry.subentry_id,
        model=model,
        by_phase=model.phases > 1,
    )


def _modbus_meter(
    hass: HomeAssistant, entry: ConfigEntry, link: Link, data: Mapping[str, Any]
) -> MeterDriver:
    unit = async_get_unit(hass, entry, link.modbus(), data[CONF_UNIT_ID])
    line = open_line(unit, monotonic, timeout_s=TIMEOUT_S, behind=shares_link(entry, link))
    return ModbusMeter(model_by_key(data[CONF_MODEL]), line, Side(data[CONF_SIDE]), now=utcnow)


def shares_link(entry: ConfigEntry, link: Link) -> bool:
    """Tell whether a meter is on the link of its plant, which is not to be cut off when it is silent."""
    return Link.of(entry.data).modbus().endpoint == link.modbus().endpoint
