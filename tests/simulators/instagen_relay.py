"""The dry contact DO1 of an Instagen inverter: earth-fault alarm, load control with its modes, generator.

Source: sections 5.2 and 8 of the fact file and the row notes of the message table. The device reports the
contact nowhere; tests look at `closed`. The codes of the generator's run mode are not public: 0 is off,
1 on, 2 automatic here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .instagen_messages import Message, Value
from .instagen_modes import INVALID
from .instagen_windows import in_window, number, on_weekday, parts

EARTH_FAULT, LOAD, GENERATOR = 1, 2, 3
_GENERATOR_OFF, _GENERATOR_ON, _GENERATOR_AUTO = range(3)
_RETURN_PCT = 5.0
"""Above the protection SOC, before a backup load is let in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the contact is decided by."""

    moment: datetime
    """Local time of the device."""
    elapsed_s: float
    on_grid: bool
    soc_pct: float
    surplus_w: float
    """PV less loads and battery charging, the load behind the contact left out."""
    import_a: float
    """Of the highest phase, the load behind the contact included."""
    earth_fault: bool


class Contact:
    """Its settings, which stay where a message leaves them out, and whether it is closed."""

    def __init__(self) -> None:
        """Start switched off, as delivered."""
        self.settings: dict[str, Value] = {}
        self.closed = False
        self._since_s = 0.0

    @property
    def runs_generator(self) -> bool:
        """Whether the closed contact means a generator that was told to start."""
        return self.closed and self._is("function", GENERATOR)

    @property
    def feeds_load(self) -> bool:
        """Whether the closed contact means a load that is let in."""
        return self.closed and self._is("function", LOAD)

    def may_charge(self, moment: datetime) -> bool:
        """Tell whether the generator may charge the battery now; without a window it always may."""
        for generator in parts(self.settings, "generator"):
            if window := number(generator, "charge_window"):
                return in_window(window, moment)
        return True

    @staticmethod
    def check(relay: Message) -> int:
        """Return the error code for a write: 0 when it may be stored."""
        fits = (
            number(relay, "function") in range(4),
            number(relay, "manual_switch") in range(2),
            number(relay, "load_mode") in range(6),
            all(number(one, "run_mode") in range(3) for one in parts(relay, "generator")),
        )
        return 0 if all(fits) else INVALID

    def store(self, relay: Message) -> None:
        """Take over what a message brings."""
        self.settings |= relay

    def update(self, now: Situation) -> None:
        """Decide anew."""
        if self._is("function", EARTH_FAULT):
            closed = now.earth_fault
        elif self._is("function", LOAD):
            rule = _LOAD_MODES.get(int(number(self.settings, "load_mode")))
            closed = rule is not None and rule(self, now)
        elif self._is("function", GENERATOR):
            closed = any(self._generator(one, now) for one in parts(self.settings, "generator"))
        else:
            closed = False
        if closed != self.closed:
            self.closed, self._since_s = closed, now.elapsed_s

    def _is(self, name: str, value: int) -> bool:
        return number(self.settings, name) == value

    def _switch(self, _: Situation) -> bool:
        return self._is("manual_switch", 1)

    def _time(self, now: Situation) -> bool:
        """Two groups of weekdays with two windows each."""
        return any(
            on_weekday(number(mode, f"weekday_mask_{group}"), now.moment)
            and in_window(number(mode, f"window_{group}{half}"), now.moment)
            for mode in parts(self.settings, "time_mode")
            for group in (1, 2)
            for half in "ab"
        )

    def _intelligent(self, now: Situation) -> bool:
        """Let the load in by a surplus of its rated power inside a window, for its minimum run time."""
        for mode in parts(self.settings, "intelligent_mode"):
            for group in (1, 2):
                if on_weekday(number(mode, f"weekday_mask_{group}"), now.moment) and in_window(
                    number(mode, f"window_{group}"), now.moment
                ):
                    run_s = 60 * number(mode, "min_run_time")
                    if self.closed and now.elapsed_s - self._since_s < run_s:
                        return True
                    return now.surplus_w >= number(mode, "rated_power")
        return False

    def _backup_load(self, now: Situation) -> bool:
        """Shed the load off the grid below its SOC."""
        back_pct = 0.0 if self.closed or now.on_grid else _RETURN_PCT
        return now.on_grid or now.soc_pct >= number(self.settings, "protection_soc") + back_pct

    def _ev_charger(self, now: Situation) -> bool:
        """Let the charger in while the entrance has room for it; out when the breaker is overloaded."""
        breaker_a = number(self.settings, "entrance_breaker_size")
        if self.closed:
            return now.import_a <= breaker_a
        return now.import_a < breaker_a - number(self.settings, "ev_charger_size")

    def _generator(self, generator: Message, now: Situation) -> bool:
        """Off the grid from the start SOC up to the stop SOC, outside quiet hours."""
        mode = number(generator, "run_mode")
        if mode != _GENERATOR_AUTO:
            return mode == _GENERATOR_ON
        quiet = number(generator, "quiet_enable") and any(
            in_window(number(generator, f"quiet_window_{one}"), now.moment) for one in (1, 2)
        )
        if now.on_grid or quiet:
            return False
        return now.soc_pct < number(generator, "stop_soc" if self.closed else "start_soc")


_LOAD_MODES: dict[int, Callable[[Contact, Situation], bool]] = {
    1: Contact._switch,
    2: Contact._time,
    3: Contact._intelligent,
    4: Contact._backup_load,
    5: Contact._ev_charger,
}
