"""Signs and scales that nobody has published for certain, settled by what the plant itself shows; pure.

Source: our protocol facts, section 4. Each starts as inferred there; what speaks for or against it is
counted, and only several voices more on the other side change it. The owner can say it once and for all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .live_data import Battery, LiveData, PowerFlow
from .totals import battery_power, grid_power, inputs_power, load_power, source_power


class Doubt(StrEnum):
    """What is doubted; as inferred: discharge +, import -, 0.1 A, 1 °C."""

    BATTERY_SIGN = "battery_sign"
    GRID_SIGN = "grid_sign"
    BATTERY_CURRENT = "battery_current"
    TEMPERATURE = "temperature"


_CHARGING, _DISCHARGING = 1, 2
_CLEAR_W = 50
_BALANCE_W = 300
_BALANCE_OFF_W = 100.0
_BALANCE_OFF_SHARE = 0.25
_PRODUCT_W = 200
_PRODUCT_FITS = (0.7, 1.4)
_HOTTER_THAN_ANY = 150
_ENOUGH = 3
_MOST = 20


@dataclass(slots=True)
class Verdict:
    """Whether something is as inferred."""

    as_inferred: bool = True
    voices: int = 0
    """For it, or against it where negative."""

    def hear(self, *, speaks_for: bool, weight: int = 1) -> None:
        """Take in a voice; three more than on the other side decide."""
        self.voices = max(-_MOST, min(_MOST, self.voices + (weight if speaks_for else -weight)))
        if abs(self.voices) >= _ENOUGH:
            self.as_inferred = self.voices > 0


class Settled:
    """What is known of each doubt on this plant."""

    def __init__(self, chosen: Mapping[Doubt, bool]) -> None:
        """Begin as inferred; `chosen` by the owner is not doubted any more."""
        self._chosen = chosen
        self._verdicts = {doubt: Verdict() for doubt in Doubt}

    def as_inferred(self, doubt: Doubt) -> bool:
        """Tell whether it is as inferred, as far as is known."""
        return self._chosen.get(doubt, self._verdicts[doubt].as_inferred)

    def sign(self, doubt: Doubt) -> int:
        """Give what to multiply by."""
        return 1 if self.as_inferred(doubt) else -1

    def hear(self, plant: tuple[LiveData, ...]) -> None:
        """Learn from one set of new values; several inverters are judged together."""
        for data in plant:
            for doubt, speaks_for in _voices(data, alone=len(plant) == 1):
                self._verdicts[doubt].hear(speaks_for=speaks_for)
            if _too_hot(data):
                self._verdicts[Doubt.TEMPERATURE].hear(speaks_for=False, weight=_MOST)
        if (balanced := _balance(plant, self.sign(Doubt.BATTERY_SIGN))) is not None:
            self._verdicts[Doubt.GRID_SIGN].hear(speaks_for=balanced)

    def to_json(self) -> dict[str, bool]:
        """Give what `restore` takes: what is decided, which hardly ever changes."""
        return {
            doubt.value: verdict.as_inferred
            for doubt, verdict in self._verdicts.items()
            if abs(verdict.voices) >= _ENOUGH
        }

    def restore(self, saved: object) -> None:
        """Take over what an earlier session has learnt, as far as it makes sense."""
        for doubt, verdict in self._verdicts.items():
            known = saved.get(doubt.value) if isinstance(saved, dict) else None
            if isinstance(known, bool):
                verdict.hear(speaks_for=known, weight=_ENOUGH)


def _voices(data: LiveData, *, alone: bool) -> Iterator[tuple[Doubt, bool]]:
    """Give what one inverter says for or against each doubt."""
    battery, flow = data.battery, data.power_flow
    if battery is not None:
        yield from _of_battery(battery)
        if flow is not None and alone and battery.power is not None and abs(battery.power) >= _CLEAR_W:
            discharging = _one_way(flow.battery_to_load, flow.pv_to_battery)
            if discharging is not None:
                yield Doubt.BATTERY_SIGN, (battery.power > 0) is discharging
    grid_w = grid_power(data)
    if flow is not None and grid_w is not None and abs(grid_w) >= _CLEAR_W:
        importing = _importing(flow)
        if importing is not None:
            yield Doubt.GRID_SIGN, (grid_w < 0) is importing


def _of_battery(battery: Battery) -> Iterator[tuple[Doubt, bool]]:
    power_w, volts, amps = battery.power, battery.voltage, battery.current
    if power_w is None:
        return
    if abs(power_w) >= _CLEAR_W and battery.state in (_CHARGING, _DISCHARGING):
        yield Doubt.BATTERY_SIGN, (power_w > 0) is (battery.state == _DISCHARGING)
    if abs(power_w) >= _PRODUCT_W and volts and amps:
        share = abs(volts * 0.1 * amps * 0.1 / power_w)
        low, high = _PRODUCT_FITS
        if low <= share <= high or low <= share / 10 <= high:
            yield Doubt.BATTERY_CURRENT, share <= high


def _importing(flow: PowerFlow) -> bool | None:
    if (flow.battery_to_grid or 0) > 0:
        return False if not flow.grid_to_load else None
    return _one_way(flow.grid_to_load, flow.pv_to_grid)


def _one_way(there_w: int | None, back_w: int | None) -> bool | None:
    """Tell which of two opposite flows runs; None where both do, or neither clearly."""
    if there_w is None or back_w is None or min(there_w, back_w) > 0:
        return None
    return there_w > back_w if max(there_w, back_w) >= _CLEAR_W else None


def _too_hot(data: LiveData) -> bool:
    """Tell whether a temperature could not be if it were in whole degrees."""
    common = data.inverter and data.inverter.common
    if not common:
        return False
    temperatures = (
        common.temp_cabinet,
        common.temp_pv_heatsink,
        common.temp_inverter_heatsink,
        common.temp_battery_heatsink,
    )
    return any(t is not None and abs(t) > _HOTTER_THAN_ANY for t in temperatures)


def _balance(plant: tuple[LiveData, ...], battery_sign: int) -> bool | None:
    """Tell whether the grid's sign makes sources and loads balance; None where that shows nothing."""
    loads = [load for data in plant if (load := load_power(data)) is not None]
    grids = [grid for data in plant if (grid := grid_power(data)) is not None]
    if len(loads) != 1 or len(grids) != 1:
        return None
    given_w = sum(inputs_power(data) or 0 for data in plant)
    given_w += battery_sign * sum(battery_power(data) or 0 for data in plant)
    given_w += sum(source_power(data.generator) or 0 for data in plant)
    given_w += sum(source_power(data.external_pv) or 0 for data in plant)
    missing_w, grid_w = loads[0] - given_w, grids[0]
    if min(abs(missing_w), abs(grid_w)) < _BALANCE_W:
        return None
    if abs(abs(missing_w) - abs(grid_w)) > _BALANCE_OFF_W + _BALANCE_OFF_SHARE * abs(grid_w):
        return None
    return (missing_w > 0) is (grid_w < 0)
