"""What an owner can set on an Instagen plant: the message of command C3 08 and its answer; no I/O.

Source: our protocol facts, sections 5, 5.1 to 5.3 and 6. A `UserSet` says what to set and nothing else: who
sends it fills in time, transaction and target. A mode always travels with all its parameters, because the
stick keeps no promise about those left out:

    UserSet(mode=BatteryMode.FORCE_CHARGE, reserve_soc=90, max_power=500)

`check` refuses what is not whole or out of range. Dry contact and generator are understood and never written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import ClassVar

from . import storage_pb2 as proto
from .payload import Proto, part, parts


class BatteryMode(IntEnum):
    """The battery modes; a stick may refuse 7 and 8, which Instagen's manual does not have."""

    SELF_CONSUMPTION = 1
    ECONOMY = 2
    FULL_BACKUP = 3
    OFF_GRID = 4
    FORCE_CHARGE = 5
    FORCE_DISCHARGE = 6
    PEAK_SHAVING = 7
    TIME_OF_USE = 8


PARAMETERS: Mapping[BatteryMode, frozenset[str]] = {
    BatteryMode.SELF_CONSUMPTION: frozenset({"reserve_soc"}),
    BatteryMode.ECONOMY: frozenset({"reserve_soc", "tariff_dates"}),
    BatteryMode.FULL_BACKUP: frozenset({"reserve_soc"}),
    BatteryMode.OFF_GRID: frozenset(),
    BatteryMode.FORCE_CHARGE: frozenset({"reserve_soc", "max_power"}),
    BatteryMode.FORCE_DISCHARGE: frozenset({"reserve_soc", "max_power"}),
    BatteryMode.PEAK_SHAVING: frozenset({"reserve_soc", "peak_max_soc", "peak_meter_power"}),
    BatteryMode.TIME_OF_USE: frozenset({"reserve_soc", "tou_periods"}),
}
"""Which members of a `UserSet` make up each mode, section 5."""

LOWEST_RESERVE_PCT = 10
FULL_POWER = 1000
"""Rated power in the steps of `max_power`."""

_RANGES: Mapping[str, range] = {
    "reserve_soc": range(LOWEST_RESERVE_PCT, 101),
    "max_power": range(FULL_POWER + 1),
    "peak_max_soc": range(LOWEST_RESERVE_PCT, 101),
    "peak_meter_power": range(100_001),
}
_PART_RANGES: Mapping[str, range] = {
    "charge_power": range(101),
    "discharge_power": range(101),
    "min_soc": range(LOWEST_RESERVE_PCT, 101),
    "max_soc": range(LOWEST_RESERVE_PCT, 101),
    "weekday_mask": range(1 << 7),
}
_MOST: Mapping[str, int] = {"tariff_dates": 4, "tou_periods": 4}
_OTHER_PAGES = ("relays", "mid_settings", "heat_pump")


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffWeek:
    """Windows and prices of one group of weekdays. Prices in 0.01 of the currency; see `packed`."""

    PROTO: ClassVar[Proto] = proto.TariffWeek

    weekday_mask: int | None = None
    peak_window: int | None = None
    peak_buy: int | None = None
    peak_sell: int | None = None
    offpeak_window: int | None = None
    offpeak_buy: int | None = None
    offpeak_sell: int | None = None
    rest_buy: int | None = None
    rest_sell: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffDate:
    """A date range of the economy mode, with its two groups of weekdays."""

    PROTO: ClassVar[Proto] = proto.TariffDate

    date_range: int | None = None
    week_group_1: TariffWeek | None = part(TariffWeek)
    week_group_2: TariffWeek | None = part(TariffWeek)


@dataclass(frozen=True, slots=True, kw_only=True)
class TouPeriod:
    """A window to charge and one to discharge. Powers in whole percent, unlike `max_power`."""

    PROTO: ClassVar[Proto] = proto.TouPeriod

    charge_window: int | None = None
    charge_power: int | None = None
    discharge_window: int | None = None
    discharge_power: int | None = None
    min_soc: int | None = None
    max_soc: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTimeMode:
    """Windows in which the dry contact is closed."""

    PROTO: ClassVar[Proto] = proto.LoadTimeMode

    weekday_mask_1: int | None = None
    window_1a: int | None = None
    window_1b: int | None = None
    weekday_mask_2: int | None = None
    window_2a: int | None = None
    window_2b: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSurplusMode:
    """Windows in which PV surplus closes the dry contact; `min_run_time` in min, `rated_power` in W."""

    PROTO: ClassVar[Proto] = proto.LoadSurplusMode

    weekday_mask_1: int | None = None
    window_1: int | None = None
    weekday_mask_2: int | None = None
    window_2: int | None = None
    min_run_time: int | None = None
    rated_power: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorExercise:
    """How a generator is exercised."""

    PROTO: ClassVar[Proto] = proto.GeneratorExercise

    mode: int | None = None
    frequency: int | None = None
    weekday: int | None = None
    start_time: int | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """How a generator is run; the codes of `run_mode` are not known."""

    PROTO: ClassVar[Proto] = proto.GeneratorSettings

    run_mode: int | None = None
    start_soc: int | None = None
    stop_soc: int | None = None
    charge_window: int | None = None
    quiet_enable: int | None = None
    quiet_window_1: int | None = None
    quiet_window_2: int | None = None
    exercise: GeneratorExercise | None = part(GeneratorExercise)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """The dry contact.

    Functions: 0 off, 1 earth-fault alarm, 2 load control, 3 generator. A manual switch of 0 opens it.
    """

    PROTO: ClassVar[Proto] = proto.RelaySettings

    function: int | None = None
    manual_switch: int | None = None
    load_mode: int | None = None
    time_mode: LoadTimeMode | None = part(LoadTimeMode)
    intelligent_mode: LoadSurplusMode | None = part(LoadSurplusMode)
    protection_soc: int | None = None
    entrance_breaker_size: int | None = None
    ev_charger_size: int | None = None
    generator: GeneratorSettings | None = part(GeneratorSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpSettings:
    """How a heat pump is run."""

    PROTO: ClassVar[Proto] = proto.HeatPumpSettings

    date_ranges: tuple[int, ...] = ()
    weekday_masks: tuple[int, ...] = ()
    mode: int | None = None
    start_power: int | None = None
    feed_power: int | None = None
    consumption_power: int | None = None
    soc_enable: int | None = None
    min_run_time: int | None = None
    day_run_time: int | None = None
    start_soc: int | None = None
    stop_soc: int | None = None
    max_time_enable: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidContact:
    """A contact of an external islanding box."""

    PROTO: ClassVar[Proto] = proto.MidContact

    manual_switch: int | None = None
    load_mode: int | None = None
    time_mode: LoadTimeMode | None = part(LoadTimeMode)
    intelligent_mode: LoadSurplusMode | None = part(LoadSurplusMode)
    protection_soc: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidSettings:
    """An external islanding box."""

    PROTO: ClassVar[Proto] = proto.MidSettings

    function: int | None = None
    contacts: tuple[MidContact, ...] = parts(MidContact)
    generators: tuple[GeneratorSettings, ...] = parts(GeneratorSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSet:
    """What to set. `reserve_soc` in %, `max_power` in 0.1 % of rated power, `peak_meter_power` in W."""

    PROTO: ClassVar[Proto] = proto.EsUserSetRequest

    unix_time: int | None = None
    transaction_id: int | None = None
    target_serials: tuple[int, ...] = ()
    mode: int | None = None
    reserve_soc: int | None = None
    max_power: int | None = None
    tariff_dates: tuple[TariffDate, ...] = parts(TariffDate)
    relays: tuple[RelaySettings, ...] = parts(RelaySettings)
    peak_max_soc: int | None = None
    peak_meter_power: int | None = None
    tou_periods: tuple[TouPeriod, ...] = parts(TouPeriod)
    mid_settings: tuple[MidSettings, ...] = parts(MidSettings)
    heat_pump: tuple[HeatPumpSettings, ...] = parts(HeatPumpSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSetAnswer:
    """Whether a `UserSet` was taken: `error_code` 0. It says nothing about whether it is carried out."""

    PROTO: ClassVar[Proto] = proto.EsUserSetResponse

    unix_time: int | None = None
    transaction_id: int | None = None
    inverter_serial: int | None = None
    error_code: int | None = None


def check(settings: UserSet) -> None:
    """Refuse what must not be sent: a mode with a parameter too few or too many, or out of range.

    Raises:
        ValueError: why it must not be sent.

    """
    if settings.mode is None or settings.mode not in PARAMETERS:
        raise ValueError(f"{settings.mode} is no battery mode")
    wanted = PARAMETERS[BatteryMode(settings.mode)]
    for name in (*_RANGES, *_MOST, *_OTHER_PAGES):
        given = getattr(settings, name) not in (None, ())
        if given is not (name in wanted):
            what = "does not belong to" if given else "is missing in"
            raise ValueError(f"{name} {what} mode {settings.mode}")
    for name, allowed in _RANGES.items():
        value = getattr(settings, name)
        if value is not None and value not in allowed:
            raise ValueError(f"{name} {value} is not within {allowed[0]} and {allowed[-1]}")
    for name, most in _MOST.items():
        if len(getattr(settings, name)) > most:
            raise ValueError(f"more than {most} {name}")
        _check_parts(getattr(settings, name))


def _check_parts(found: tuple[TariffDate | TariffWeek | TouPeriod, ...]) -> None:
    for each in found:
        for name in (one.name for one in fields(each)):
            value = getattr(each, name)
            if value is None:
                raise ValueError(f"{name} is missing in a {type(each).__name__}")
            if value not in _PART_RANGES.get(name, (value,)):
                raise ValueError(f"{name} {value} is out of range in a {type(each).__name__}")
            if isinstance(value, TariffWeek):
                _check_parts((value,))
