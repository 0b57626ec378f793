"""An Instagen system between its physics and its messages: what it shows, and what a write does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
import random
from zoneinfo import ZoneInfo

from . import instagen_values
from .faults import Faults
from .instagen_config import InstagenConfig
from .instagen_messages import Message, Value
from .instagen_modes import INVALID, BatteryModes
from .instagen_relay import Contact, Situation
from .instagen_today import Today
from .instagen_values import Look
from .instagen_windows import parts
from .plant import SimulatedPlant
from .posture import Behaviour, Posture

_LONGEST_STEP_S = 60.0
_MOMENT_S = 1e-3
_VOLTS = 230.0


class InstagenDevice:
    """Stick and inverters without their wire."""

    def __init__(self, config: InstagenConfig, plant: SimulatedPlant, faults: Faults) -> None:
        """Put a device around a plant."""
        self.config = config
        self.plant = plant
        self.modes = BatteryModes(
            plant.config.inverter_ac_w, mode=config.mode, floor_pct=plant.posture.discharge_cutoff_soc_pct
        )
        self.contact = Contact()
        self.off: set[int] = set()
        """Inverters that were switched off."""
        self.today = Today()
        self._faults = faults
        self._random = random.Random(config.plant.seed)
        self._started = plant.now
        self._coming: list[tuple[float, Message]] = []
        """Writes that act later, with the second at which they will."""
        self._returning: dict[int, float] = {}
        """Inverters that restart, with the second at which they are back."""
        self._frozen_s: int | None = None
        self._obey()
        self._day = self.clock.date()
        self.shown: tuple[dict[str, Value], ...] = ()
        """The live data of each inverter, as it was when the stick last looked."""
        self._shown_s = 0.0
        self.refresh()

    # What it shows.

    @property
    def elapsed_s(self) -> float:
        """Simulated seconds since the start."""
        return (self.plant.now - self._started).total_seconds()

    @property
    def clock(self) -> datetime:
        """Local time that the device believes in."""
        ahead = self._faults.get("clock_wrong")
        local = self.plant.now.astimezone(ZoneInfo(self.plant.config.time_zone))
        return local + timedelta(hours=ahead.value if ahead else 0)

    @property
    def clock_s(self) -> int:
        """The same as seconds UTC, as answers show it."""
        return int(self.clock.timestamp()) if self._frozen_s is None else self._frozen_s

    @property
    def zone_s(self) -> int:
        """Seconds that local time is ahead of UTC."""
        return int((self.clock.utcoffset() or timedelta()).total_seconds())

    def refresh(self) -> None:
        """Look at the plant: what is shown from now on."""
        today = self.today
        if "counters_zero" in self._faults:
            today = Today(strings=[0.0] * len(self.today.strings))
            self._faults.remove("counters_zero")
        today.strings = today.strings or [0.0] * len(self.plant.flows.pv_strings)
        look = Look(
            config=self.config,
            plant=self.plant,
            today=today,
            clock_s=self.clock_s,
            zone_s=self.zone_s,
            earth_fault="earth_fault" in self._faults,
            off=frozenset(self.off),
        )
        self.shown = tuple(instagen_values.data(look, index) for index in range(self.config.inverters))

    def freeze(self, *, on: bool) -> None:
        """Stop clock and values while the plant goes on, or let them go on."""
        self._frozen_s = self.clock_s if on else None

    def restart_today(self) -> None:
        """Begin to count anew."""
        self.today = Today()

    # What a write does.

    def check(self, values: Message) -> int:
        """Return the error code for a settings message: 0 when it is taken."""
        if (refused := self._faults.get("refused_writes")) is not None:
            return int(refused.value)
        serials, relays = values.get("target_serials", ()), parts(values, "relays")
        if not isinstance(serials, list) or not serials or set(serials) - set(self.config.serials):
            return INVALID
        if "mode" not in values and (not relays or "relay_needs_mode" in self._faults):
            return INVALID
        code = self.modes.check(values, self.config.refused_modes) if "mode" in values else 0
        return code or max((Contact.check(relay) for relay in relays), default=0)

    def write(self, values: Message) -> float:
        """Take a settings message; it acts after the seconds that are returned, never before an older one."""
        acts_s = self.elapsed_s + self._random.uniform(*self.config.apply_s)
        if self._coming:
            acts_s = max(acts_s, self._coming[-1][0])
        if "ignored_writes" not in self._faults:
            self._coming.append((acts_s, values))
        return acts_s - self.elapsed_s

    def apply(self, values: Message) -> None:
        """Obey a settings message now."""
        if "mode" in values:
            self.modes.store(values)
        for relay in parts(values, "relays"):
            self.contact.store(relay)
        self._obey()

    def forget(self) -> None:
        """Drop what was written and has no effect yet."""
        self._coming.clear()

    def switch(self, serial: int, *, on: bool) -> None:
        """Switch an inverter on or off."""
        (self.off.discard if on else self.off.add)(serial)
        self._returning.pop(serial, None)
        self._obey()

    def restart(self, serial: int, seconds: float) -> None:
        """Switch an inverter off for so long."""
        self.switch(serial, on=False)
        self._returning[serial] = self.elapsed_s + seconds

    # Time.

    def run(self, seconds: float) -> None:
        """Move the physics on, obeying what was written and what the clock says."""
        end_s = self.elapsed_s + seconds
        last_look_s = end_s - end_s % self.config.refresh_s
        for part_s in self._parts(end_s, last_look_s):
            self._obey()
            self.plant.step(part_s)
            self.today.add(self.plant.flows, part_s, three_phase=self.config.plant.three_phase)
            if self.clock.date() != self._day:
                self._day = self.clock.date()
                self.restart_today()
            now_s = self.elapsed_s + _MOMENT_S
            if last_look_s <= now_s and last_look_s > self._shown_s:
                self._look(last_look_s)
        self._obey()

    def _look(self, at_s: float) -> None:
        self._shown_s = at_s
        if self._frozen_s is None:
            self.refresh()

    def _parts(self, end_s: float, look_s: float) -> Iterator[float]:
        """Cut a stretch of time at whole minutes, at the last look and where something begins to act."""
        while (left_s := end_s - self.elapsed_s) > _MOMENT_S:
            now_s = self.elapsed_s
            marks = [look_s, *self._returning.values(), *(due_s for due_s, _ in self._coming[:1])]
            ahead = [mark_s - now_s for mark_s in marks if mark_s > now_s + _MOMENT_S]
            to_minute_s = _LONGEST_STEP_S - self.plant.now.timestamp() % _LONGEST_STEP_S
            yield max(_MOMENT_S, min(left_s, to_minute_s, *ahead))

    def _obey(self) -> None:
        """Set the plant as modes, contact and clock say now."""
        now_s = self.elapsed_s + _MOMENT_S
        while self._coming and self._coming[0][0] <= now_s:
            _, values = self._coming.pop(0)
            self.apply(values)
        for serial in [serial for serial, back_s in self._returning.items() if back_s <= now_s]:
            self.switch(serial, on=True)
        self.plant.posture = self._posture()
        self.contact.update(self._situation())
        fails = "generator_does_not_start" in self._faults
        self.plant.generator_on = self.contact.runs_generator and not fails
        self.plant.switched_load_w = self.config.contact_load_w * self.contact.feeds_load
        self.plant.step(0)

    def _posture(self) -> Posture:
        posture = self.modes.posture(self.clock, self.plant.soc_pct)
        if self.off.issuperset(self.config.serials):
            posture.behaviour = Behaviour.OFF
        if self.plant.generator_on and not self.contact.may_charge(self.clock):
            posture.charge_limit_w = 0.0
        return posture

    def _situation(self) -> Situation:
        plant, flows = self.plant, self.plant.flows
        own_w = plant.switched_load_w
        pv_w = flows.pv_w + flows.third_party_pv_w
        return Situation(
            moment=self.clock,
            elapsed_s=self.elapsed_s,
            on_grid=plant.on_grid,
            soc_pct=plant.soc_pct,
            surplus_w=pv_w - (flows.load_w - own_w) - max(0.0, -flows.battery_w),
            import_a=max(flows.grid_phases_w) / _VOLTS,
            earth_fault="earth_fault" in self._faults,
        )
