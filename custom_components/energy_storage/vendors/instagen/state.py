"""Turns what the inverters say into `PlantState`: signs and units become ours here, once; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...engine.plant import Alarm, Counter, GridState, PlantState, RunningState
from .live_data import Battery, LiveData
from .roster import Inverter, Roster
from .settle import Doubt, Settled
from .totals import battery_power, grid_power, inputs_power, load_power, source_power, whole

_ON_GRID, _FAULT, _ISLANDED, _BYPASS = 3, 4, 5, 6
_RUNNING = (_ON_GRID, _ISLANDED, _BYPASS)
_STATES = range(7)
_GRID_IS_THERE = 1_500
"""Least voltage of the grid, in 0.1 V."""
_FULL_PCT = 100
_MOST_AMPS, _MOST_VOLTS = 5_000, 15_000
"""Of a battery, in tenths."""
_PHASES = (1, 2, 3)

type Phases = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What is known now: each inverter with its newest data, None while it is silent."""

    roster: Roster
    data: Mapping[int, LiveData | None]
    """Number of an inverter → its data."""
    settled: Settled

    @property
    def all_data(self) -> tuple[LiveData, ...]:
        """Data of those that answer."""
        return tuple(data for data in self.data.values() if data is not None)

    @property
    def site(self) -> LiveData | None:
        """Data of the master, which has the meters; a slave may repeat zeros there."""
        return self.data.get(1)

    def each(self, of: Callable[[LiveData], int | None], wanted: Callable[[Inverter], bool]) -> float | None:
        """Add up over the inverters that are wanted; None where one of them does not say."""
        values = [
            None if (data := self.data.get(inverter.number)) is None else of(data)
            for inverter in self.roster.inverters
            if wanted(inverter)
        ]
        return whole(values)


def plant_state(
    plant: Plant,
    *,
    read_at: datetime,
    device_clock: datetime | None,
    clock_frozen: bool,
    counters_kwh: Mapping[Counter, float | None],
    alarms: tuple[Alarm, ...],
    reachable: Mapping[str, bool],
) -> PlantState:
    """Make the state of the plant."""
    site, roster = plant.site, plant.roster
    return PlantState(
        read_at=read_at,
        soc_pct=_mean(plant, lambda battery: battery.soc),
        soh_pct=_mean(plant, lambda battery: battery.soh),
        grid_power_w=_grid_power(plant),
        grid_phase_power_w=_grid_phases(plant),
        battery_power_w=_battery_power(plant),
        pv_power_w=_pv_power(plant),
        third_party_pv_power_w=None if site is None else _positive(source_power(site.external_pv)),
        load_power_w=None if site is None else load_power(site),
        grid_state=_grid_state(plant),
        running_state=_running_state(plant),
        rated_power_w=roster.rated_w,
        rated_energy_wh=roster.capacity_wh,
        available_charge_power_w=_available(plant, lambda battery: battery.max_charge_current),
        available_discharge_power_w=_available(plant, lambda battery: battery.max_discharge_current),
        counters_kwh=counters_kwh,
        alarms=alarms,
        device_clock=device_clock,
        clock_frozen=clock_frozen,
        reachable=reachable,
    )


def _battery_power(plant: Plant) -> float | None:
    power = plant.each(battery_power, lambda inverter: inverter.has_battery)
    return None if power is None else power * plant.settled.sign(Doubt.BATTERY_SIGN)


def _pv_power(plant: Plant) -> float | None:
    if all(inverter.ref.pv_input_count == 0 for inverter in plant.roster.inverters):
        return 0.0
    return plant.each(inputs_power, lambda inverter: inverter.ref.pv_input_count != 0)


def _grid_power(plant: Plant) -> float | None:
    """Give import + and export -; as it comes, import is -, as far as is known."""
    power = None if plant.site is None else grid_power(plant.site)
    return None if power is None else -power * plant.settled.sign(Doubt.GRID_SIGN)


def _grid_phases(plant: Plant) -> Phases:
    if plant.site is None or plant.site.grid is None or grid_power(plant.site) is None:
        return (None, None, None)
    sign = -plant.settled.sign(Doubt.GRID_SIGN)
    powers = {phase.phase: phase.active_power for phase in plant.site.grid.phases}
    a, b, c = (None if (power := powers.get(number)) is None else sign * power for number in _PHASES)
    return (a, b, c)


def _mean(plant: Plant, of: Callable[[Battery], int | None]) -> float | None:
    """Give the mean of the batteries, by their energies where all are known."""
    inverters = [inverter for inverter in plant.roster.inverters if inverter.has_battery]
    values = [_of_battery(plant, inverter, of) for inverter in inverters]
    known = [value for value in values if value is not None and 0 <= value <= _FULL_PCT]
    if not known or len(known) < len(values):
        return None
    weights = [inverter.capacity_wh or 0.0 for inverter in inverters]
    return _weighted(known, weights if all(weights) else [1.0] * len(known))


def _weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _of_battery(plant: Plant, inverter: Inverter, of: Callable[[Battery], int | None]) -> int | None:
    data = plant.data.get(inverter.number)
    return None if data is None or data.battery is None else of(data.battery)


def _available(plant: Plant, amperes_of: Callable[[Battery], int | None]) -> float | None:
    """Give what the batteries allow now, and no more than the inverters can."""

    def hundredths(battery: Battery) -> int | None:
        amps, volts = amperes_of(battery), battery.voltage
        if amps is None or volts is None or not (0 <= amps <= _MOST_AMPS and 0 <= volts <= _MOST_VOLTS):
            return None
        return amps * volts

    inverters = [inverter for inverter in plant.roster.inverters if inverter.has_battery]
    powers = [
        None if (raw := _of_battery(plant, inverter, hundredths)) is None else raw / 100
        for inverter in inverters
    ]
    return whole(
        None if power is None else min(power, inverter.rated_w or power)
        for power, inverter in zip(powers, inverters, strict=True)
    )


def _states(plant: Plant) -> tuple[int | None, ...]:
    return tuple(
        data.inverter.common.state if data.inverter and data.inverter.common else None
        for data in plant.all_data
    )


def _grid_state(plant: Plant) -> GridState:
    """Tell from what the inverters do; one that stands by sees the grid by its voltage."""
    states = _states(plant)
    if _ISLANDED in states:
        return GridState.OFF_GRID
    if _ON_GRID in states or _BYPASS in states:
        return GridState.ON_GRID
    site = plant.site
    if site is None or site.grid is None or grid_power(site) is None:
        return GridState.UNKNOWN
    volts = [phase.voltage or 0 for phase in site.grid.phases]
    return GridState.ON_GRID if min(volts) >= _GRID_IS_THERE else GridState.UNKNOWN


def _running_state(plant: Plant) -> RunningState:
    states = _states(plant)
    if _FAULT in states:
        return RunningState.FAULT
    if any(state in _RUNNING for state in states):
        return RunningState.RUNNING
    if states and all(state in _STATES for state in states):
        return RunningState.STANDBY
    return RunningState.UNKNOWN


def _positive(power: int | None) -> float | None:
    return None if power is None else float(max(0, power))
