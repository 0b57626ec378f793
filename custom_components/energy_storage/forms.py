"""What the dialogs ask the owner, and how that becomes an address and the data of a plant."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
import probatio

from .const import (
    CONF_AC_CHARGER_UNIT_IDS,
    CONF_ALLOW_OFF_GRID,
    CONF_FAST_POLL_S,
    CONF_INVERTER_UNIT_IDS,
    CONF_PLANT_POWER,
    CONF_PLANT_UNIT_ID,
    CONF_REQUEST_SPACING_S,
    CONF_VENDOR,
    DEFAULT_FAST_POLL_S,
    DEFAULT_REQUEST_SPACING_S,
)
from .engine.plant import DeviceKind, Identity
from .probe import Address
from .vendors.driver import Discovery, Vendor

CONF_UNIT_IDS: Final = "unit_ids"
SECTION_ADVANCED: Final = "advanced"
SECTION_EXPERT: Final = "expert"


def number(low: float, high: float, *, step: float = 1, unit: str | None = None) -> NumberSelector:
    """Let the owner type a number."""
    config = NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def whole(selector: NumberSelector) -> probatio.All[Any]:
    """Take whole numbers alone: selectors hand out floats."""
    return probatio.All(selector, probatio.Coerce(int))


def address_schema(vendor: Vendor, *, collapsed: bool) -> probatio.Schema:
    """Ask how a plant of this vendor is reached."""
    advanced = probatio.Schema(
        {
            probatio.Required(CONF_PLANT_UNIT_ID, default=vendor.plant_unit_id): whole(number(1, 247)),
            probatio.Optional(CONF_UNIT_IDS): TextSelector(),
        }
    )
    return probatio.Schema(
        {
            probatio.Required(CONF_HOST): TextSelector(),
            probatio.Required(CONF_PORT, default=vendor.default_port): whole(number(1, 65535)),
            probatio.Optional(SECTION_ADVANCED): section(advanced, {"collapsed": collapsed}),
        }
    )


OPTIONS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_FAST_POLL_S, default=DEFAULT_FAST_POLL_S): whole(number(3, 60, unit="s")),
        probatio.Optional(SECTION_EXPERT): section(
            probatio.Schema(
                {
                    probatio.Required(CONF_REQUEST_SPACING_S, default=DEFAULT_REQUEST_SPACING_S): number(
                        0.1, 5, step=0.1, unit="s"
                    ),
                    probatio.Required(CONF_PLANT_POWER, default=False): BooleanSelector(),
                    probatio.Required(CONF_ALLOW_OFF_GRID, default=False): BooleanSelector(),
                }
            ),
            {"collapsed": True},
        ),
    }
)


def _parse_unit_ids(text: str) -> tuple[int, ...]:
    """Read unit ids as people write them, `1, 2` or `1 2`; raises ValueError for anything else."""
    unit_ids = sorted({int(word) for word in re.split(r"[\s,;]+", text) if word})
    if any(not 1 <= unit_id <= 246 for unit_id in unit_ids):  # noqa: PLR2004  the ids that devices can have
        raise ValueError("unit ids of devices go from 1 to 246")
    return tuple(unit_ids)


def join_unit_ids(unit_ids: tuple[int, ...] | list[int]) -> str:
    """Write unit ids as people read them."""
    return ", ".join(str(unit_id) for unit_id in unit_ids)


def parse_address(vendor: Vendor, entered: Mapping[str, Any]) -> Address:
    """Make an address of what the owner typed; raises ValueError when the unit ids make no sense."""
    advanced = entered.get(SECTION_ADVANCED, {})
    return Address(
        vendor=vendor,
        host=entered[CONF_HOST].strip().lower(),
        port=entered[CONF_PORT],
        plant_unit_id=advanced.get(CONF_PLANT_UNIT_ID, vendor.plant_unit_id),
        unit_ids=_parse_unit_ids(advanced.get(CONF_UNIT_IDS, "")) or vendor.scanned_unit_ids,
    )


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Make of a plant's data what its owner would have typed."""
    unit_ids = sorted({*data[CONF_INVERTER_UNIT_IDS], *data[CONF_AC_CHARGER_UNIT_IDS]})
    return {
        CONF_HOST: data[CONF_HOST],
        CONF_PORT: data[CONF_PORT],
        SECTION_ADVANCED: {
            CONF_PLANT_UNIT_ID: data[CONF_PLANT_UNIT_ID],
            CONF_UNIT_IDS: join_unit_ids(unit_ids),
        },
    }


def entry_data(address: Address, found: Discovery) -> dict[str, Any]:
    """What a config entry keeps about a plant."""
    return {
        CONF_VENDOR: address.vendor.key,
        CONF_HOST: address.host,
        CONF_PORT: address.port,
        CONF_PLANT_UNIT_ID: address.plant_unit_id,
        CONF_INVERTER_UNIT_IDS: unit_ids_of(found, DeviceKind.INVERTER),
        CONF_AC_CHARGER_UNIT_IDS: unit_ids_of(found, DeviceKind.AC_CHARGER),
    }


def with_silent_devices(
    data: dict[str, Any], known: Mapping[str, Any], entered: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep the devices that were known, are still named, and only did not answer this time.

    A charger that is not on the backup supply is silent during an outage, and is no less there.
    """
    named = _parse_unit_ids(entered.get(SECTION_ADVANCED, {}).get(CONF_UNIT_IDS, ""))
    answered = {*data[CONF_INVERTER_UNIT_IDS], *data[CONF_AC_CHARGER_UNIT_IDS]}
    kept = {
        kind: [unit_id for unit_id in known[kind] if unit_id in named and unit_id not in answered]
        for kind in (CONF_INVERTER_UNIT_IDS, CONF_AC_CHARGER_UNIT_IDS)
    }
    return data | {kind: sorted([*data[kind], *silent]) for kind, silent in kept.items()}


def plant_title(vendor: Vendor, plant: Identity) -> str:
    """Name a plant after its maker and model; many models begin with the maker's name already."""
    model = plant.model or vendor.name
    return model if model.startswith(vendor.name) else f"{vendor.name} {model}"


def unit_ids_of(found: Discovery, kind: DeviceKind) -> list[int]:
    """Unit ids of all devices of this kind."""
    return [device.unit_id for device in found.devices if device.kind is kind]
