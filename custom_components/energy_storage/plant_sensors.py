"""The sensors that every plant has: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower, UnitOfTime

from .cycle import Reading
from .engine.plant import Counter, Device, GridState, RunningState, Stage, Value
from .measures import NUMBER, POWER, SHARE, STORED_ENERGY, Measure
from .publish import Pace
from .room import chargers
from .vendors.driver import Vendor

CLOCK_PACE = Pace(every_s=60, dead_band=5)


@dataclass(frozen=True, kw_only=True)
class PlantSensorDescription(SensorEntityDescription):
    """A sensor of the plant as a whole."""

    value_fn: Callable[[Reading], Value]
    options_fn: Callable[[Vendor], tuple[str, ...]] | None = None
    wanted_fn: Callable[[Reading, tuple[Device, ...]], bool] = lambda _reading, _devices: True
    attributes_fn: Callable[[Reading], Mapping[str, Any]] | None = None
    pace: Pace = NUMBER.pace
    digits: int = NUMBER.digits
    always_available: bool = False
    """Whether it can tell something while the plant is silent."""
    where_room: bool = False
    """Whether it waits disabled on a plant whose chargers need the room."""
    attributes_every_s: float = 0.0
    """Attributes alone are shown this far apart."""


def _power(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, native_unit_of_measurement=UnitOfPower.WATT, value_fn=value_fn, **_shown_as(POWER), **more
    )


def _percent(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, native_unit_of_measurement=PERCENTAGE, value_fn=value_fn, **_shown_as(SHARE) | more
    )


def _stored(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        value_fn=value_fn,
        **_shown_as(STORED_ENERGY),
        **more,
    )


def _enum(
    key: str, options: list[str], value_fn: Callable[[Reading], Value], **more: Any
) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, device_class=SensorDeviceClass.ENUM, options=options, value_fn=value_fn, **more
    )


def _shown_as(measure: Measure) -> dict[str, Any]:
    """What a description takes from the measure of its unit."""
    return {
        "device_class": measure.device_class,
        "state_class": measure.state_class,
        "suggested_display_precision": measure.digits,
        "pace": measure.pace,
        "digits": measure.digits,
    }


def _stored_energy_kwh(reading: Reading) -> float | None:
    soc_pct, full_wh = reading.state.soc_pct, reading.state.rated_energy_wh
    return None if soc_pct is None or full_wh is None else soc_pct * full_wh / 100_000


def _capacity_kwh(reading: Reading) -> float | None:
    full_wh = reading.state.rated_energy_wh
    return None if full_wh is None else full_wh / 1000


def _clock_deviation_s(reading: Reading) -> float | None:
    clock = reading.state.device_clock
    return None if clock is None else (clock - reading.state.read_at).total_seconds()


def _alarm_list(reading: Reading) -> Mapping[str, Any]:
    return {
        "alarms": [
            {
                "device": alarm.device,
                "code": alarm.code,
                "text": alarm.text,
                "level": alarm.level.value,
                "occurred_at": alarm.since.isoformat(),
            }
            for alarm in reading.state.alarms
        ]
    }


def _has_charger(_: Reading, devices: tuple[Device, ...]) -> bool:
    return bool(chargers(devices))


def has_third_party_pv(reading: Reading, _: tuple[Device, ...]) -> bool:
    """Tell whether the plant measures another maker's PV."""
    state = reading.state
    return bool(state.third_party_pv_power_w or state.counters_kwh.get(Counter.THIRD_PARTY_PV))


PLANT_SENSORS: tuple[PlantSensorDescription, ...] = (
    _percent("battery_soc", lambda r: r.state.soc_pct, device_class=SensorDeviceClass.BATTERY),
    _power("grid_power", lambda r: r.state.grid_power_w),
    _power("battery_power", lambda r: r.state.battery_power_w),
    _power("pv_power", lambda r: r.state.pv_power_w),
    _power("third_party_pv_power", lambda r: r.state.third_party_pv_power_w, wanted_fn=has_third_party_pv),
    _power("load_power", lambda r: r.state.load_power_w),
    _power("ev_power", lambda r: r.state.ev_power_w, wanted_fn=_has_charger),
    _stored("battery_stored_energy", _stored_energy_kwh, where_room=True),
    PlantSensorDescription(
        key="vendor_mode",
        device_class=SensorDeviceClass.ENUM,
        value_fn=lambda r: r.state.vendor_mode,
        wanted_fn=lambda r, _: r.state.vendor_mode is not None,
        options_fn=lambda vendor: vendor.modes,
    ),
    _enum(
        "grid_state",
        [state.value for state in GridState if state is not GridState.UNKNOWN],
        lambda r: None if r.state.grid_state is GridState.UNKNOWN else r.state.grid_state.value,
        entity_registry_enabled_default=False,
    ),
    _enum(
        "running_state",
        [state.value for state in RunningState if state is not RunningState.UNKNOWN],
        lambda r: None if r.state.running_state is RunningState.UNKNOWN else r.state.running_state.value,
        entity_registry_enabled_default=False,
    ),
    PlantSensorDescription(
        key="active_alarms",
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=False,
        value_fn=lambda r: len(r.state.alarms),
        attributes_fn=_alarm_list,
        pace=Pace(every_s=0, dead_band=1),
        digits=0,
    ),
    _percent(
        "battery_soh",
        lambda r: r.state.soh_pct,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _stored(
        "battery_capacity",
        _capacity_kwh,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _power(
        "rated_power",
        lambda r: r.state.rated_power_w,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _power(
        "available_charge_power",
        lambda r: r.state.available_charge_power_w,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _power(
        "available_discharge_power",
        lambda r: r.state.available_discharge_power_w,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _percent(
        "charge_cutoff_soc",
        lambda r: r.state.charge_cutoff_soc_pct,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        state_class=None,
    ),
    _percent(
        "discharge_cutoff_soc",
        lambda r: r.state.discharge_cutoff_soc_pct,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        state_class=None,
    ),
    *(
        _power(
            f"grid_power_phase_{phase}",
            partial(lambda index, r: r.state.grid_phase_power_w[index], index),
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        )
        for index, phase in enumerate("abc")
    ),
    PlantSensorDescription(
        key="clock_deviation",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value_fn=_clock_deviation_s,
        pace=CLOCK_PACE,
        digits=0,
    ),
    _enum(
        "reading_stage",
        [stage.value for stage in Stage],
        lambda r: r.stage.value,
        entity_category=EntityCategory.DIAGNOSTIC,
        always_available=True,
    ),
)
