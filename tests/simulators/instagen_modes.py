"""The eight battery modes of an Instagen inverter: what each stores, and what it makes of the plant.

Source: sections 5 and 10 of the fact file. Where it leaves something open, the reading taken here is
written at the mode.
"""

from collections.abc import Callable
from datetime import datetime

from .instagen_messages import Message
from .instagen_windows import in_window, number, parts, tariff_at
from .posture import Behaviour, Posture

NEEDED: dict[int, tuple[str, ...]] = {
    1: ("reserve_soc",),
    2: ("reserve_soc", "tariff_dates"),
    3: ("reserve_soc",),
    4: (),
    5: ("reserve_soc", "max_power"),
    6: ("reserve_soc", "max_power"),
    7: ("reserve_soc", "peak_max_soc", "peak_meter_power"),
    8: ("reserve_soc", "tou_periods"),
}
"""Mode → the members that belong to it; a message without one of them is refused."""
DEFAULTS: dict[int, Message] = {
    1: {"reserve_soc": 10},
    2: {"reserve_soc": 10, "tariff_dates": []},
    3: {"reserve_soc": 100},
    4: {},
    5: {"reserve_soc": 70, "max_power": 50.0},
    6: {"reserve_soc": 30, "max_power": 50.0},
    7: {"reserve_soc": 30, "peak_max_soc": 70, "peak_meter_power": 3000},
    8: {"reserve_soc": 10, "tou_periods": []},
}
INVALID, UNSUPPORTED = 1, 2
"""Error codes of our own: that of the maker are not public but for 0."""
RESERVE_PCT = (10, 100)
MOST_DATES = 4
_REACHED_PCT = 0.05
_RESUME_PCT = 1.0


class BatteryModes:
    """The mode in force and what was stored for each of them."""

    def __init__(self, rated_w: float, *, mode: int = 1, floor_pct: float = 5.0) -> None:
        """Start with the maker's defaults; the floor is what the battery keeps even off the grid."""
        self.rated_w = rated_w
        self.floor_pct = floor_pct
        self.stored: dict[int, Message] = dict(DEFAULTS)
        self.mode = mode
        self._full = False
        """The forced charge has ended, and waits until the battery has lost a little."""

    def check(self, values: Message, refused: frozenset[int] = frozenset()) -> int:
        """Return the error code for a write: 0 when it may be stored."""
        mode = number(values, "mode")
        if mode not in NEEDED or any(name not in values for name in NEEDED[int(mode)]):
            return INVALID
        if mode in refused:
            return UNSUPPORTED
        low, high = RESERVE_PCT
        fits = (
            low <= number(values, "reserve_soc") <= high or "reserve_soc" not in values,
            0 <= number(values, "max_power") <= 100,
            0 <= number(values, "peak_max_soc") <= 100,
            len(parts(values, "tariff_dates")) <= MOST_DATES,
        )
        return 0 if all(fits) else INVALID

    def store(self, values: Message) -> None:
        """Enter a mode with its parameters; what is stored for the others stays."""
        self.mode = int(number(values, "mode"))
        self.stored[self.mode] = {name: values[name] for name in NEEDED[self.mode]}
        self._full = False

    def posture(self, moment: datetime, soc_pct: float) -> Posture:
        """Say what the mode makes of this local moment and this SOC."""
        return _POSTURES[self.mode](self, self.stored[self.mode], moment, soc_pct)

    def _self_consumption(self, held: Message, *_: object) -> Posture:
        """Serve the house down to the reserve; below it nothing is charged from the grid."""
        return Posture(discharge_cutoff_soc_pct=self.floor_pct, backup_soc_pct=number(held, "reserve_soc"))

    def _economy(self, held: Message, moment: datetime, _: float) -> Posture:
        """Charge from the grid off-peak; at the peak and else the battery serves the house."""
        posture = self._self_consumption(held)
        if tariff_at(parts(held, "tariff_dates"), moment) == "offpeak":
            posture.behaviour = Behaviour.CHARGE_PV_FIRST
        return posture

    def _backup(self, held: Message, _: datetime, soc_pct: float) -> Posture:
        """Charge to the reserve from the grid too; above it PV and house share the battery."""
        reserve_pct = number(held, "reserve_soc")
        posture = self._self_consumption(held)
        if not self._reached(reserve_pct, soc_pct):
            posture.behaviour = Behaviour.CHARGE_PV_FIRST
            posture.charge_cutoff_soc_pct = reserve_pct
        return posture

    def _off_grid(self, *_: object) -> Posture:
        return Posture(off_grid=True, discharge_cutoff_soc_pct=self.floor_pct)

    def _force_charge(self, held: Message, _: datetime, soc_pct: float) -> Posture:
        """Charge to the reserve at a share of the rated power, then hold."""
        return self._charge(number(held, "reserve_soc"), number(held, "max_power"), soc_pct)

    def _charge(self, to_pct: float, power_pct: float, soc_pct: float) -> Posture:
        if self._reached(to_pct, soc_pct):
            return Posture(behaviour=Behaviour.STANDBY, discharge_cutoff_soc_pct=self.floor_pct)
        return Posture(
            behaviour=Behaviour.CHARGE_PV_FIRST,
            charge_limit_w=self.rated_w * power_pct / 100,
            charge_cutoff_soc_pct=to_pct,
            discharge_cutoff_soc_pct=self.floor_pct,
        )

    def _reached(self, to_pct: float, soc_pct: float) -> bool:
        self._full = soc_pct > to_pct - (_RESUME_PCT if self._full else _REACHED_PCT)
        return self._full

    def _force_discharge(self, held: Message, *_: object) -> Posture:
        """Feed house and grid at a share of the rated power down to the reserve, then hold."""
        posture = self._self_consumption(held)
        posture.behaviour = Behaviour.DISCHARGE_PV_FIRST
        posture.discharge_limit_w = self.rated_w * number(held, "max_power") / 100
        return posture

    def _peak_shaving(self, held: Message, _: datetime, soc_pct: float) -> Posture:
        """Keep the import under the limit; below the upper SOC charge with what it leaves.

        Above it the surplus of PV is stored and the battery kept for peaks: our reading.
        """
        posture, upper_pct = self._self_consumption(held), number(held, "peak_max_soc")
        posture.behaviour = Behaviour.SHAVE
        posture.import_limit_w = number(held, "peak_meter_power")
        if not self._reached(upper_pct, soc_pct):
            posture.behaviour = Behaviour.CHARGE_PV_FIRST
            posture.charge_cutoff_soc_pct = upper_pct
        return posture

    def _time_of_use(self, held: Message, moment: datetime, soc_pct: float) -> Posture:
        """Charge in a charge window, serve the house in a discharge window and in none.

        That a discharge window does not sell is our reading: the maker's default has one of 22 hours.
        """
        periods = parts(held, "tou_periods")
        for period in periods:
            if in_window(number(period, "charge_window"), moment):
                return self._charge(number(period, "max_soc"), number(period, "charge_power"), soc_pct)
        posture = self._self_consumption(held)
        for period in periods:
            if in_window(number(period, "discharge_window"), moment):
                posture.backup_soc_pct = number(period, "min_soc")
                posture.discharge_limit_w = self.rated_w * number(period, "discharge_power") / 100
                break
        return posture


_POSTURES: dict[int, Callable[[BatteryModes, Message, datetime, float], Posture]] = {
    1: BatteryModes._self_consumption,
    2: BatteryModes._economy,
    3: BatteryModes._backup,
    4: BatteryModes._off_grid,
    5: BatteryModes._force_charge,
    6: BatteryModes._force_discharge,
    7: BatteryModes._peak_shaving,
    8: BatteryModes._time_of_use,
}
