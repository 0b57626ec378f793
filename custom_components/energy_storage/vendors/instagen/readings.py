"""Every reading of an Instagen plant: where it stands in a message, its unit, scale and meaning.

Source: our protocol facts, section 4, and the message table. A path names members; `*` adds up all phases or
inputs, a number picks the one that calls itself so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...engine.plant import DeviceKind, Value
from ..driver import Point, PointRole, Tier
from .live_data import LiveData
from .messages import Registry
from .payload import Payload
from .settle import Doubt, Settled

INVERTER_STATE = {
    0: "power_up",
    1: "standby",
    2: "grid_check",
    3: "on_grid",
    4: "fault",
    5: "islanded",
    6: "bypass",
}
BATTERY_STATE = {0: "standby", 1: "charging", 2: "discharging"}
BATTERY_TYPE = {0: "none", 1: "lithium", 2: "lfp", 3: "simulated"}
SENSOR = {0: "not_connected", 1: "connected"}

_PHASES = {1: "a", 2: "b", 3: "c"}
_INPUTS = 4
_NUMBERED_BY = ("phase", "input_index")
_HUNDREDTH = 0.01
_UNSURE = frozenset(
    {
        "battery.battery_type",
        "battery.state",
        "ems_mode_or_module",
        "inverter.common.state",
        "power_flow.battery_to_grid",
    }
)
"""Inferred from other products of the maker, as is what stands beside a doubt."""
_SANE: Mapping[str | None, tuple[float, float]] = {
    "%": (0, 100),
    "V": (-1_500, 1_500),
    "A": (-1_000, 1_000),
    "W": (-500_000, 500_000),
    "var": (-500_000, 500_000),
    "Hz": (0, 100),
    "°C": (-60, 200),
    "kWh": (0, 10_000),
    "kΩ": (0, 100_000),
    "mA": (-100_000, 100_000),
    "mV": (-100_000, 100_000),
}
"""What is beyond is no reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One reading: a member of the live data, or of the registry where `of_registry`."""

    kind: DeviceKind
    key: str
    path: str
    unit: str | None = None
    scale: float = 1
    role: PointRole = PointRole.DISABLED
    total: bool = False
    """A counter of today."""
    codes: Mapping[int, str] | None = None
    doubt: Doubt | None = None
    of_registry: bool = False

    def point(self, device: str) -> Point:
        """Offer it on a device."""
        return Point(
            device=device,
            key=self.key,
            unit=self.unit,
            role=self.role,
            tier=Tier.STATIC if self.of_registry else Tier.FAST,
            total=self.total,
            options=() if self.codes is None else tuple(self.codes.values()),
            step=self.scale if self.scale < _HUNDREDTH else None,
            confirmed=self.doubt is None and self.path not in _UNSURE,
        )

    def value(self, raw: int | None, settled: Settled) -> Value:
        """Say what a number stands for; None where it cannot be."""
        if raw is None:
            return None
        if self.codes is not None:
            return self.codes.get(raw, f"unknown_{raw}")
        if self.scale == 1 and self.doubt is None and self.unit is None:
            return raw
        value = raw * self._factor(settled)
        low, high = _SANE.get(self.unit, (value, value))
        return round(value, 6) if low <= value <= high else None

    def _factor(self, settled: Settled) -> float:
        match self.doubt:
            case Doubt.BATTERY_SIGN | Doubt.GRID_SIGN as doubt:
                return self.scale * settled.sign(doubt)
            case Doubt.BATTERY_CURRENT as doubt:
                scale = self.scale if settled.as_inferred(doubt) else self.scale / 10
                return scale * settled.sign(Doubt.BATTERY_SIGN)
            case Doubt.TEMPERATURE as doubt:
                return self.scale if settled.as_inferred(doubt) else self.scale / 10
        return self.scale


def find(message: Payload | None, path: str) -> int | None:
    """Give the number at a path; None where it, or a part of it, was not sent."""
    found: object = message
    first, _, rest = path.partition(".")
    found = getattr(message, first, None)
    if isinstance(found, tuple):
        which, _, rest = rest.partition(".")
        if which != "*":
            return find(next((one for one in found if _number(one) == int(which)), None), rest)
        parts = [find(one, rest) for one in found]
        return None if not parts or None in parts else sum(part for part in parts if part is not None)
    if rest:
        return find(found, rest) if found is not None else None
    return found if isinstance(found, int) else None


def _number(one: object) -> int | None:
    return next((getattr(one, name) for name in _NUMBERED_BY if hasattr(one, name)), None)


def raw_of(row: Row, data: LiveData | None, registry: Registry | None) -> int | None:
    """Give the number of a row as it came."""
    return find(registry if row.of_registry else data, row.path)


def address_of(row: Row) -> int:
    """Make one number of those that lead to a member, two digits each: battery SOC 9, 4 is 904."""
    descriptor: Any = (Registry if row.of_registry else LiveData).PROTO.DESCRIPTOR
    address = 0
    for name in row.path.split("."):
        if not (name == "*" or name.isdigit()):
            field = descriptor.fields_by_name[name]
            address, descriptor = 100 * address + field.number, field.message_type
    return address


def _rows() -> Iterator[Row]:
    yield from _of_plant()
    yield from _of_inverter()
    yield from _of_battery()
    yield from _of_meter()
    yield from _of_source(DeviceKind.GENERATOR, "generator")
    yield from _of_source(DeviceKind.PV_INVERTER, "external_pv")


def _of_plant() -> Iterator[Row]:
    plant = _Group(DeviceKind.PLANT)
    yield plant.energy("load_energy_today", "load.phases.*.energy_today", PointRole.MAIN)
    yield plant.energy("pv_to_load_energy_today", "pv_energy_split.pv_to_load_today")
    yield plant.energy("pv_to_battery_energy_today", "pv_energy_split.pv_to_battery_today")
    yield plant.energy("pv_to_grid_energy_today", "pv_energy_split.pv_to_grid_today")
    yield plant.energy("load_from_pv_energy_today", "load_energy_split.load_from_pv_today")
    yield plant.energy("load_from_battery_energy_today", "load_energy_split.load_from_battery_today")
    yield plant.energy("load_from_grid_energy_today", "load_energy_split.load_from_grid_today")
    flows = (
        "pv_to_load",
        "pv_to_battery",
        "pv_to_grid",
        "battery_to_load",
        "grid_to_load",
        "battery_to_grid",
    )
    for flow in flows:
        yield plant.row(f"{flow}_power", f"power_flow.{flow}", "W")
    for number, letter in _PHASES.items():
        yield plant.row(f"load_phase_{letter}_power", f"load.phases.{number}.active_power", "W")
        yield plant.hidden(f"load_phase_{letter}_voltage", f"load.phases.{number}.voltage", "V", 0.1)
    # Newer firmware may tell the battery mode here; nobody has verified it.
    mode = plant.row("registry_field_9", "ems_mode_or_module", role=PointRole.DIAGNOSTIC)
    yield replace(mode, of_registry=True)
    yield replace(plant.hidden("generator_port_mode", "generator_port_mode"), of_registry=True)


def _of_inverter() -> Iterator[Row]:
    inverter, common = _Group(DeviceKind.INVERTER), "inverter.common"
    state = inverter.row("inverter_state", f"{common}.state", role=PointRole.DIAGNOSTIC)
    yield replace(state, codes=INVERTER_STATE)
    yield inverter.row("active_power", "inverter.phases.*.active_power", "W", role=PointRole.MAIN)
    yield inverter.row("grid_frequency", f"{common}.frequency", "Hz", 0.01)
    yield inverter.row("insulation_resistance", f"{common}.insulation_resistance", "kΩ")
    yield inverter.row("leakage_current", f"{common}.leakage_current", "mA")
    for key, name in (
        ("pcs_internal_temperature", "temp_cabinet"),
        ("pv_heatsink_temperature", "temp_pv_heatsink"),
        ("inverter_heatsink_temperature", "temp_inverter_heatsink"),
        ("battery_heatsink_temperature", "temp_battery_heatsink"),
    ):
        yield replace(inverter.row(key, f"{common}.{name}", "°C"), doubt=Doubt.TEMPERATURE)
    yield inverter.row("bus_voltage", f"{common}.bus_voltage", "V", 0.1)
    for name, unit, scale in _HIDDEN_OF_INVERTER:
        yield inverter.hidden(name, f"{common}.{name}", unit, scale)
    for number, letter in _PHASES.items():
        phase = f"inverter.phases.{number}"
        yield inverter.row(f"phase_{letter}_voltage", f"{phase}.voltage", "V", 0.1)
        yield inverter.row(f"phase_{letter}_current", f"{phase}.current", "A", 0.01)
        yield inverter.row(f"phase_{letter}_power", f"{phase}.active_power", "W")
        yield inverter.row(f"backup_phase_{letter}_voltage", f"{phase}.backup_voltage", "V", 0.1)
        yield inverter.row(f"backup_phase_{letter}_current", f"{phase}.backup_current", "A", 0.01)
        yield inverter.row(f"backup_phase_{letter}_power", f"{phase}.backup_power", "W")
        yield inverter.hidden(f"phase_{letter}_reactive_power", f"{phase}.reactive_power", "var")
        yield inverter.hidden(f"phase_{letter}_dc_injection", f"{phase}.dc_injection_current", "mA")
        yield inverter.hidden(f"phase_{letter}_dc_offset", f"{phase}.dc_offset_voltage", "mV", 0.1)
    yield inverter.energy("pv_energy_today", "pv_inputs.*.energy_today")
    for number in range(1, _INPUTS + 1):
        one = f"pv_inputs.{number}"
        yield inverter.row(f"pv{number:02}_voltage", f"{one}.voltage", "V", 0.1)
        yield inverter.row(f"pv{number:02}_current", f"{one}.current", "A", 0.01)
        yield inverter.row(f"pv{number:02}_power", f"{one}.power", "W")
        yield inverter.hidden(f"pv{number:02}_energy_today", f"{one}.energy_today", "kWh", 0.1)


_HIDDEN_OF_INVERTER: tuple[tuple[str, str | None, float], ...] = (
    ("role", None, 1),
    ("power_stage_faults", None, 1),
    ("safety_faults", None, 1),
    ("drm_state", None, 1),
    ("afd", None, 1),
    ("arc_ok", None, 1),
    ("coa_state", None, 1),
    ("selftest_enable", None, 1),
    ("bus_voltage_pos", "V", 0.1),
    ("bus_voltage_neg", "V", 0.1),
    ("battery_port_voltage", "V", 0.1),
    ("battery_port_current", "A", 0.01),
    ("battery_port_power", "W", 1),
    ("fan1", "rpm", 1),
    ("fan2", "rpm", 1),
    ("fan3", "rpm", 1),
    ("ext_fan1", "rpm", 1),
    ("ext_fan2", "rpm", 1),
    ("ext_fan3", "rpm", 1),
)


def _of_battery() -> Iterator[Row]:
    battery = _Group(DeviceKind.BATTERY)
    state = battery.row("battery_state", "battery.state", role=PointRole.DIAGNOSTIC)
    yield replace(state, codes=BATTERY_STATE)
    yield replace(battery.row("battery_type", "battery.battery_type"), codes=BATTERY_TYPE)
    yield battery.hidden("battery_faults", "battery.fault_bits")
    yield battery.row("ess_soc", "battery.soc", "%")
    yield battery.row("ess_soh", "battery.soh", "%")
    yield battery.row("battery_voltage", "battery.voltage", "V", 0.1)
    current = battery.row("battery_current", "battery.current", "A", 0.1)
    yield replace(current, doubt=Doubt.BATTERY_CURRENT)
    yield replace(battery.row("ess_power", "battery.power", "W"), doubt=Doubt.BATTERY_SIGN)
    yield battery.row("max_charge_current", "battery.max_charge_current", "A", 0.1)
    yield battery.row("max_discharge_current", "battery.max_discharge_current", "A", 0.1)
    yield battery.row("charge_cutoff_voltage", "battery.charge_cutoff_voltage", "V", 0.1)
    yield battery.row("discharge_cutoff_voltage", "battery.discharge_cutoff_voltage", "V", 0.1)
    hottest = battery.row("ess_max_battery_temperature", "battery.cell_temp_max", "°C", 0.1)
    yield replace(hottest, role=PointRole.DIAGNOSTIC)
    yield battery.row("ess_min_battery_temperature", "battery.cell_temp_min", "°C", 0.1)
    yield battery.hidden("module_temp_max", "battery.module_temp_max", "°C", 0.1)
    yield battery.hidden("module_temp_min", "battery.module_temp_min", "°C", 0.1)
    yield battery.energy("ess_charge_energy_today", "battery.charged_today", PointRole.MAIN)
    yield battery.energy("ess_discharge_energy_today", "battery.discharged_today", PointRole.MAIN)
    yield battery.row("ess_max_cell_voltage", "battery.cell_voltage_max", "V", 0.001)
    yield battery.row("ess_min_cell_voltage", "battery.cell_voltage_min", "V", 0.001)
    yield battery.hidden("module_voltage_max", "battery.module_voltage_max", "V", 0.01)
    yield battery.hidden("module_voltage_min", "battery.module_voltage_min", "V", 0.01)


def _of_meter() -> Iterator[Row]:
    meter = _Group(DeviceKind.METER)
    yield replace(meter.row("grid_sensor_status", "grid.common.meter_state"), codes=SENSOR)
    yield meter.row("grid_frequency", "grid.common.frequency", "Hz", 0.01)
    yield meter.row("power_factor", "grid.common.power_factor_total", scale=0.01)
    yield meter.energy("grid_import_energy_today", "grid.phases.*.import_today", PointRole.MAIN)
    yield meter.energy("grid_export_energy_today", "grid.phases.*.export_today", PointRole.MAIN)
    for number, letter in _PHASES.items():
        phase = f"grid.phases.{number}"
        yield meter.row(f"phase_{letter}_voltage", f"{phase}.voltage", "V", 0.1)
        yield meter.row(f"phase_{letter}_current", f"{phase}.current", "A", 0.01)
        power = meter.row(f"phase_{letter}_power", f"{phase}.active_power", "W", -1)
        yield replace(power, role=PointRole.REGISTER, doubt=Doubt.GRID_SIGN)
        yield meter.hidden(f"phase_{letter}_reactive_power", f"{phase}.reactive_power", "var")
        yield meter.hidden(f"phase_{letter}_power_factor", f"{phase}.power_factor", scale=0.01)


def _of_source(kind: DeviceKind, member: str) -> Iterator[Row]:
    source = _Group(kind)
    yield source.row("active_power", f"{member}.phases.*.active_power", "W", role=PointRole.MAIN)
    yield source.energy("energy_today", f"{member}.phases.*.energy_today", PointRole.MAIN)
    yield source.hidden("source_state", f"{member}.common.state")
    yield source.row("frequency", f"{member}.common.frequency", "Hz", 0.01)
    for number, letter in _PHASES.items():
        phase = f"{member}.phases.{number}"
        yield source.row(f"phase_{letter}_voltage", f"{phase}.voltage", "V", 0.1)
        yield source.row(f"phase_{letter}_current", f"{phase}.current", "A", 0.01)
        yield source.hidden(f"phase_{letter}_power", f"{phase}.active_power", "W")
        yield source.hidden(f"phase_{letter}_reactive_power", f"{phase}.reactive_power", "var")


@dataclass(frozen=True, slots=True)
class _Group:
    """Makes the rows of one kind of device."""

    kind: DeviceKind

    def row(
        self,
        key: str,
        path: str,
        unit: str | None = None,
        scale: float = 1,
        role: PointRole = PointRole.DISABLED,
    ) -> Row:
        """Declare a reading that its owner may enable."""
        return Row(kind=self.kind, key=key, path=path, unit=unit, scale=scale, role=role)

    def hidden(self, key: str, path: str, unit: str | None = None, scale: float = 1) -> Row:
        """Declare a reading without an entity."""
        return self.row(key, path, unit, scale, PointRole.REGISTER)

    def energy(self, key: str, path: str, role: PointRole = PointRole.DISABLED) -> Row:
        """Declare a counter of today."""
        return replace(self.row(key, path, "kWh", 0.1, role), total=True)


ROWS: tuple[Row, ...] = tuple(_rows())
BY_KEY: Mapping[tuple[DeviceKind, str], Row] = {(row.kind, row.key): row for row in ROWS}
READINGS: Mapping[DeviceKind, tuple[Point, ...]] = {
    kind: tuple(row.point(kind) for row in ROWS if row.kind is kind) for kind in DeviceKind
}
