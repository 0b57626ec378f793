"""What the dialogs ask the owner, and how that becomes an address and the data of a plant."""

from collections.abc import Iterable, Mapping
import re
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import probatio

from .const import (
    CONF_AC_CHARGER_UNIT_IDS,
    CONF_ALLOW_OFF_GRID,
    CONF_BAUDRATE,
    CONF_FAST_POLL_S,
    CONF_INVERTER_UNIT_IDS,
    CONF_LINK,
    CONF_PARITY,
    CONF_PLANT_POWER,
    CONF_PLANT_UNIT_ID,
    CONF_REQUEST_SPACING_S,
    CONF_SERIAL_PORT,
    CONF_STOPBITS,
    CONF_VENDOR,
)
from .engine.plant import DeviceKind, Identity
from .link import PARITIES, Link
from .probe import Address
from .vendors.driver import AnyVendor, Discovery, LinkKind, ModbusVendor, Pace, Vendor, VendorOption

BAUDRATES: Final = ("9600", "19200", "38400", "57600", "115200")
CONF_UNIT_IDS: Final = "unit_ids"
SECTION_ADVANCED: Final = "advanced"
SECTION_EXPERT: Final = "expert"

type Fields = dict[probatio.Marker, Any]


def number(low: float, high: float, *, step: float = 1, unit: str | None = None) -> NumberSelector:
    """Let the owner type a number."""
    config = NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def whole(selector: NumberSelector) -> probatio.All[Any]:
    """Take whole numbers alone: selectors hand out floats."""
    return probatio.All(selector, probatio.Coerce(int))


def dropdown(options: Iterable[str], key: str) -> SelectSelector:
    """Let the owner pick one of some codes, whose texts are kept under this key."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options), translation_key=key, mode=SelectSelectorMode.DROPDOWN, sort=False
        )
    )


def address_schema(
    vendor: AnyVendor, kind: LinkKind, *, new: bool, collapsed: bool, profiles: Iterable[str] = ()
) -> probatio.Schema:
    """Ask how a plant of this vendor is reached; of a `new` one also what its reading depends on.

    `profiles` are the names of the owner's own register maps.
    """
    fields = link_fields(kind, vendor.default_port)
    if new:
        fields |= option_fields((row for row in vendor.options if row.at_setup), profiles)
        if vendor.pace.choices_s:  # how often matters to more than us
            fields |= _poll_field(vendor.pace)
    if isinstance(vendor, ModbusVendor):
        unit_id = probatio.Required(CONF_PLANT_UNIT_ID, default=vendor.plant_unit_id)
        advanced: Fields = {unit_id: whole(number(1, 247))}
        if vendor.scanned_unit_ids:
            advanced[probatio.Optional(CONF_UNIT_IDS)] = TextSelector()
        fields[probatio.Optional(SECTION_ADVANCED)] = section(
            probatio.Schema(advanced), {"collapsed": collapsed}
        )
    return probatio.Schema(fields)


def link_fields(kind: LinkKind, default_port: int) -> Fields:
    """Ask for an address of this kind."""
    if kind is LinkKind.SERIAL:
        return {
            probatio.Required(CONF_SERIAL_PORT): TextSelector(),
            probatio.Required(CONF_BAUDRATE, default=BAUDRATES[0]): dropdown(BAUDRATES, CONF_BAUDRATE),
            probatio.Required(CONF_PARITY, default="none"): dropdown(PARITIES, CONF_PARITY),
            probatio.Required(CONF_STOPBITS, default="1"): dropdown(("1", "2"), CONF_STOPBITS),
        }
    return {
        probatio.Required(CONF_HOST): TextSelector(),
        probatio.Required(CONF_PORT, default=default_port): whole(number(1, 65535)),
    }


def option_fields(rows: Iterable[VendorOption], profiles: Iterable[str] = ()) -> Fields:
    """Ask for what depends on the vendor."""
    files = tuple(profiles)
    return {
        probatio.Required(row.key, default=row.default): dropdown(
            dict.fromkeys((*row.choices, *(files if row.of_files else ()))), row.key
        )
        if row.choices
        else BooleanSelector()
        for row in rows
    }


def options_schema(vendor: Vendor, profiles: Iterable[str] = ()) -> probatio.Schema:
    """Ask how a plant of this vendor is read, and what else depends on it."""
    expert: Fields = {
        probatio.Required(CONF_REQUEST_SPACING_S, default=vendor.pace.spacing_s): number(
            vendor.pace.least_spacing_s, 5, step=0.05, unit="s"
        ),
        probatio.Required(CONF_PLANT_POWER, default=False): BooleanSelector(),
        probatio.Required(CONF_ALLOW_OFF_GRID, default=False): BooleanSelector(),
        **option_fields(row for row in vendor.options if row.expert),
    }
    return probatio.Schema(
        {
            **_poll_field(vendor.pace),
            **option_fields((row for row in vendor.options if not row.expert), profiles),
            probatio.Optional(SECTION_EXPERT): section(probatio.Schema(expert), {"collapsed": True}),
        }
    )


def _poll_field(pace: Pace) -> Fields:
    if pace.choices_s:
        choices = [str(choice) for choice in pace.choices_s]
        return {
            probatio.Required(CONF_FAST_POLL_S, default=f"{pace.default_s:g}"): dropdown(
                choices, CONF_FAST_POLL_S
            )
        }
    poll = whole(number(pace.low_s, pace.high_s, unit="s"))
    return {probatio.Required(CONF_FAST_POLL_S, default=pace.default_s): poll}


def _parse_unit_ids(text: str) -> tuple[int, ...]:
    """Read unit ids as people write them, `1, 2` or `1 2`; raises ValueError for anything else."""
    unit_ids = sorted({int(word) for word in re.split(r"[\s,;]+", text) if word})
    if any(not 1 <= unit_id <= 246 for unit_id in unit_ids):  # noqa: PLR2004  the ids that devices can have
        raise ValueError("unit ids of devices go from 1 to 246")
    return tuple(unit_ids)


def join_unit_ids(unit_ids: tuple[int, ...] | list[int]) -> str:
    """Write unit ids as people read them."""
    return ", ".join(str(unit_id) for unit_id in unit_ids)


def parse_address(vendor: AnyVendor, kind: LinkKind, entered: Mapping[str, Any]) -> Address:
    """Make an address of what the owner typed; raises ValueError when the unit ids make no sense."""
    link = Link.of({**entered, CONF_LINK: kind})
    asked = (CONF_FAST_POLL_S, *(row.key for row in vendor.options))
    options = {key: entered[key] for key in asked if key in entered}
    if not isinstance(vendor, ModbusVendor):
        return Address(vendor=vendor, link=link, options=options)
    advanced = entered.get(SECTION_ADVANCED, {})
    plant_unit_id = advanced.get(CONF_PLANT_UNIT_ID, vendor.plant_unit_id)
    named = _parse_unit_ids(advanced.get(CONF_UNIT_IDS, "")) or vendor.scanned_unit_ids
    return Address(
        vendor=vendor,
        link=link,
        plant_unit_id=plant_unit_id,
        unit_ids=named or (plant_unit_id,),
        options=options,
    )


def typed_link(link: Link) -> dict[str, Any]:
    """Make of an address what its owner would have typed."""
    entered = link.data()
    return entered | {key: str(entered[key]) for key in (CONF_BAUDRATE, CONF_STOPBITS) if key in entered}


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Make of a plant's data what its owner would have typed."""
    entered = typed_link(Link.of(data))
    if CONF_PLANT_UNIT_ID not in data:
        return entered
    unit_ids = sorted({*data[CONF_INVERTER_UNIT_IDS], *data[CONF_AC_CHARGER_UNIT_IDS]})
    advanced = {CONF_PLANT_UNIT_ID: data[CONF_PLANT_UNIT_ID], CONF_UNIT_IDS: join_unit_ids(unit_ids)}
    return entered | {SECTION_ADVANCED: advanced}


def entry_data(address: Address, found: Discovery) -> dict[str, Any]:
    """What a config entry keeps about a plant."""
    data = {CONF_VENDOR: address.vendor.key, **address.link.data()}
    if not isinstance(address.vendor, ModbusVendor):
        return data
    return data | {
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
    if CONF_INVERTER_UNIT_IDS not in data:
        return data
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


def found_placeholders(address: Address, found: Discovery) -> dict[str, str]:
    """Say what answered, in the words of the step that shows it."""
    plant, inverters = found.plant, unit_ids_of(found, DeviceKind.INVERTER)
    told = {
        "host": address.link.where,
        "model": plant.model or address.vendor.name,
        "serial": str(plant.serial),
        "firmware": plant.firmware or "?",
    }
    if not isinstance(address.vendor, ModbusVendor):
        return told | {"count": str(len(inverters))}
    chargers = unit_ids_of(found, DeviceKind.AC_CHARGER)
    return told | {"inverters": join_unit_ids(inverters), "ac_chargers": join_unit_ids(chargers) or "-"}


def unit_ids_of(found: Discovery, kind: DeviceKind) -> list[int]:
    """Unit ids of all devices of this kind."""
    return [device.unit_id for device in found.devices if device.kind is kind]
