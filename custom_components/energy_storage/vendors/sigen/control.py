"""Commands a Sigen plant: what it can, what it holds, and the way from a command to the wire and back."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ...engine.command import BatteryCommand, CommandKind, Limit
from ...engine.plant import DeviceKind, Ownership
from ..control import Applied, Capabilities, DeviceLimits, Holding, Order, Outcome, Request, Span
from ..driver import RegisterReading
from ..fields import fields_of
from ..line import Clock
from ..modbus import Block
from ..schedule import Schedule, SchedulePeriod
from ..write import CommandRefusedError, RegisterWrite
from .abilities import PlantFacts, Seen, abilities, facts_of, limit_guards
from .beliefs import Beliefs
from .catalogue import Catalogue
from .charger_plan import charger_requests, current_plan, dc_power_plan, start_plan, stop_plan
from .fleet import PLANT
from .held import (
    CHARGE_CUTOFF,
    DISCHARGE_CUTOFF,
    EXPORT,
    IMPORT,
    NAMES,
    PV,
    RESERVE,
    Held,
    Installation,
    Reading,
    held_of,
)
from .plan import MODE_OF, plan, release_plan
from .record import Record
from .registers import TABLES
from .registers.inverter import InverterGrid
from .registers.plant import EmsControl, PlantMore, PlantNow, SmartLoads
from .sender import Sender
from .sequence import Situation
from .version import Version
from .write_guards import Refusal, make_write, power_write

_REGISTER_OF: Mapping[Limit, str] = {
    Limit.EXPORT: EXPORT,
    Limit.IMPORT: IMPORT,
    Limit.CHARGE_CUTOFF: CHARGE_CUTOFF,
    Limit.DISCHARGE_CUTOFF: DISCHARGE_CUTOFF,
    Limit.BACKUP_RESERVE: RESERVE,
}
_TELLING = (EmsControl, PlantNow, PlantMore, SmartLoads, InverterGrid)
"""Tables that hold what commands are made from."""
_PEAK_OVER = timedelta(minutes=5)
_OFF_GRID = ("off_grid", "off_grid_by_hand")
_PROVABLE: Mapping[Seen, CommandKind] = {
    # Not `hold`: with a gateway that is held by the reserve, and would prove nothing about the limits.
    Seen.LIMITS_GLOBAL: CommandKind.IDLE,
    Seen.HOLD_BY_RESERVE: CommandKind.HOLD,
}
_WATCHED_EVERY_S = 30.0
"""While we hold the plant, this often it is asked whether somebody else has changed something."""
_IN_DOUBT_EVERY_S = 15.0
_FIRST_OF_ALL = -10.0


class SigenControl:
    """The commands of one plant."""

    def __init__(
        self,
        catalogue: Catalogue,
        beliefs: Beliefs,
        *,
        now: Callable[[], datetime],
        monotonic: Clock,
        read_fast: Callable[[], Awaitable[None]],
    ) -> None:
        """Remember nothing yet; `restore` does."""
        self.record = Record()
        self._catalogue = catalogue
        self._beliefs = beliefs
        self._now = now
        self._monotonic = monotonic
        self._read_fast = read_fast
        self._assumed: frozenset[Seen] = frozenset()
        self._peaks: list[tuple[datetime, float]] = []
        self._facts: tuple[object, PlantFacts] | None = None
        self._met = False
        self._read_at: tuple[float, datetime] | None = None
        self._doubted_at: datetime | None = None
        self._halted = False

    # What the driver calls.

    def restore(self, saved: object) -> None:
        """Take over what an earlier session has kept."""
        self.record = Record.from_json(saved)
        self._met = False
        self._facts = None

    @property
    def wants_first_look(self) -> bool:
        """Whether a session before this one may have left something in the plant."""
        return bool(self.record.own)

    async def first_look(self) -> None:
        """Read what the plant holds, before anything else is decided.

        Raises:
            DriverError: it does not answer.

        """
        await self._sender().read_control()

    def take_reading(self, net_load_w: float | None) -> None:
        """Look at a reading that has just been taken."""
        now = self._now()
        self.record.on_firmware(self._catalogue.fleet.identity.firmware)
        self._peaks = [(at, watts) for at, watts in self._peaks if now - at <= _PEAK_OVER]
        if net_load_w is not None:
            self._peaks.append((now, net_load_w))
        held = self._held()
        if not self._met and held.remote is not None:
            self._met = True
            self.record.give_up(held)
        self.record.seen |= self._plant_facts().seen & {Seen.GATEWAY}
        self._watch(doubtful=self.record.ownership(held) is Ownership.FOREIGN)

    # What the caller of the driver sees.

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded; what was tried here and had no effect is not offered."""
        facts = self._plant_facts()
        able = abilities(facts, installation_of(limits))
        for kind, seen in self.record.effects.items():
            if not seen and able[kind].offered and not self._assumed:
                able[kind] = replace(able[kind], offered=False, reason=Refusal.NO_EFFECT)
            elif seen:
                able[kind] = replace(able[kind], proven=True)
        return Capabilities(abilities=able, guards=limit_guards(facts))

    def holding(self) -> Holding:
        """Say what the plant holds, as read last."""
        held, now, record = self._held(), self._now(), self.record
        ownership = record.ownership(held)
        ours = ownership in (Ownership.OURS, Ownership.FREE)
        return Holding(
            ownership=ownership,
            command=record.in_force(held, MODE_OF) if ours else None,
            confirmed=record.pending is None,
            read_at=self._control_read_at(),
            deferred=record.deferred,
            obstacles=(Refusal.PV_LIMIT_ZERO,) if held.limits.get(PV) == 0 else (),
            writes_today=record.writes_today(now),
            writes_left=record.writes_left(now),
        )

    async def refresh(self) -> None:
        """Read what the plant holds, then what it measures.

        Raises:
            DriverError: it does not answer.

        """
        await self._sender().read_control()
        await self._read_fast()

    def order(self, command: BatteryCommand, limits: DeviceLimits) -> Order:
        """Plan a command."""
        if command.kind is CommandKind.RELEASE:
            return self.release(limits)
        return Order(command=command, writes=plan(command, self._situation(limits)), limits=limits)

    def release(self, limits: DeviceLimits, *, short: bool = False) -> Order:
        """Plan how to hand the plant back."""
        released = release_plan(self._situation(limits), short=short)
        return Order(
            command=BatteryCommand(kind=CommandKind.RELEASE),
            writes=released.writes,
            limits=limits,
            deferred=tuple(waiting.name for waiting in released.deferred),
        )

    def request(self, device: str, request: Request, value: float | None = None) -> Order:
        """Plan what to write to one device.

        Raises:
            CommandRefusedError: it has no such thing, or the value is not for it.

        """
        kind = self._kind_of(device)
        if kind is None:
            raise CommandRefusedError(Refusal.NOT_SUPPORTED)
        writes = tuple(self._requested(kind, device, request, value))
        return Order(command=None, writes=writes)

    def requests(self, device: str) -> Mapping[Request, Span | None]:
        """Give what can be asked of one device."""
        kind = self._kind_of(device)
        if kind is DeviceKind.PLANT:
            return dict.fromkeys((Request.LIFT_PV_LIMIT, Request.POWER_ON, Request.POWER_OFF))
        return {} if kind is None else charger_requests(kind, partial(self._beliefs.number, device))

    def begin(self, order: Order) -> None:
        """Note what is about to be written; what concerns a single device is none of a command's business."""
        self._halted = False
        if order.command is not None:
            self.record.begin(order, order.command, self._held())

    async def execute(self, order: Order) -> Applied:
        """Write and read back."""
        applied = await self._sender().send(order)
        if applied.outcome is Outcome.CONFIRMED and order.command is not None:
            named = {_REGISTER_OF[limit] for limit in order.limits if limit in _REGISTER_OF}
            refused = tuple(write.name for write in applied.skipped)
            deferred = tuple(dict.fromkeys((*order.deferred, *refused)))
            self.record.settle(order.command, self._held(), named=named, deferred=deferred)
        return applied

    def halt(self) -> None:
        """End the sequence that runs."""
        self._halted = True

    def let_go(self) -> None:
        """Give up the claim on what somebody else has switched off."""
        self.record.give_up(self._held())

    def provable(self) -> Mapping[str, CommandKind]:
        """Give what could still be proved, and the command that would show it."""
        facts = self._plant_facts()
        missing: list[Seen] = []
        if facts.has_battery and not facts.limits_global:
            missing.append(Seen.LIMITS_GLOBAL)
        if facts.holds_by_reserve and Seen.HOLD_BY_RESERVE not in facts.seen:
            missing.append(Seen.HOLD_BY_RESERVE)
        return {seen.value: _PROVABLE[seen] for seen in missing}

    def assume(self, proof: str | None) -> None:
        """Take something for proved while it is tried."""
        self._assumed = frozenset() if proof is None else frozenset({Seen(proof)})
        self._facts = None

    def prove(self, proof: str) -> None:
        """Keep that something was seen on this plant."""
        self.record.seen.add(Seen(proof))
        self._facts = None

    def note_effect(self, kind: CommandKind, *, seen: bool | None) -> None:
        """Keep whether a command had its effect."""
        if seen is None:
            self.record.effects.pop(kind, None)
        else:
            self.record.effects[kind] = seen

    def effects(self) -> Mapping[CommandKind, bool]:
        """Give the commands that were tried on this plant."""
        return dict(self.record.effects)

    def name_schedule[P: SchedulePeriod](self, schedule: Schedule[P] | None) -> None:
        """Take none: the plant is left with what it had."""

    # How it is done.

    def _kind_of(self, device: str) -> DeviceKind | None:
        return next((known.kind for known in self._catalogue.fleet.devices if known.key == device), None)

    def _requested(
        self, kind: DeviceKind, device: str, request: Request, value: float | None
    ) -> Iterator[RegisterWrite]:
        number = self._beliefs.number
        watts_or_amps = 0.0 if value is None else value
        charger = kind in (DeviceKind.AC_CHARGER, DeviceKind.DC_CHARGER)
        match request:
            case Request.START if charger:
                yield from start_plan(kind, device)
            case Request.STOP if charger:
                yield from stop_plan(kind, device)
            case Request.LIMIT_CURRENT if kind is DeviceKind.AC_CHARGER:
                yield from current_plan(
                    device,
                    watts_or_amps,
                    number(device, "output_current_limit"),
                    number(device, "rated_current"),
                    number(device, "input_breaker_rated_current"),
                )
            case Request.LIMIT_POWER if kind is DeviceKind.DC_CHARGER:
                yield from dc_power_plan(
                    device,
                    watts_or_amps,
                    number(device, "max_charge_power_limit"),
                    number(device, "rated_charge_power"),
                )
            case Request.LIFT_PV_LIMIT if kind is DeviceKind.PLANT:
                yield from self._lift_pv_limit()
            case Request.POWER_ON | Request.POWER_OFF if kind is DeviceKind.PLANT:
                yield power_write(on=request is Request.POWER_ON)
            case _:
                raise CommandRefusedError(Refusal.NOT_SUPPORTED)

    def _lift_pv_limit(self) -> Iterator[RegisterWrite]:
        """Raise a stored PV limit of 0, as the owner wants it; the highest is what all inverters can take."""
        held = self._held()
        if not held.read(PV):
            raise CommandRefusedError(Refusal.NOT_READ)
        rated = self._beliefs.number(PLANT, "max_active_power")
        if not rated:
            raise CommandRefusedError(Refusal.RATINGS_UNKNOWN)
        if held.limits.get(PV) == 0:
            yield make_write(DeviceKind.PLANT, PLANT, PV, float(2 * rated), "lift_pv_limit")

    def _situation(self, limits: DeviceLimits) -> Situation:
        held, beliefs = self._held(), self._beliefs
        read_at = beliefs.read_at
        return Situation(
            held=held,
            facts=self._plant_facts(),
            reading=Reading(
                soc_pct=self._soc_pct(),
                soc_age_s=float("inf")
                if read_at is None or beliefs.frozen
                else (self._now() - read_at).total_seconds(),
                off_grid=beliefs.value(PLANT, "grid_connection_state") in _OFF_GRID,
                net_load_peak_w=max((watts for _, watts in self._peaks), default=None),
            ),
            snapshot=self.record.snapshot_for(held),
            installation=installation_of(limits),
        )

    def _held(self) -> Held:
        return held_of(self._readings((EmsControl, PlantNow), only={PLANT}, names=NAMES))

    def _plant_facts(self) -> PlantFacts:
        """Gather the facts, when something of it was read anew; a plant that is silent has what it had."""
        if self._facts is not None and not self._catalogue.fleet.plant_answers:
            return self._facts[1]
        blocks = self._catalogue.poller.blocks
        key = (
            self._catalogue.version,
            *(block.read_at for block in blocks if block.table in (EmsControl, SmartLoads, InverterGrid)),
            self._beliefs.value(PLANT, "grid_connection_state"),
            len(self.record.seen),
        )
        if self._facts is None or self._facts[0] != key:
            seen = self.record.seen | self._assumed
            facts = facts_of(self._readings(_TELLING), self._catalogue.version or Version.V1_8, seen)
            self._facts = (key, facts)
        return self._facts[1]

    def _readings(
        self,
        tables: Collection[type],
        only: Collection[str] | None = None,
        names: Collection[str] | None = None,
    ) -> Iterator[RegisterReading]:
        for device in self._catalogue.fleet.devices:
            if only is not None and device.key not in only:
                continue
            for table in TABLES[device.kind]:
                if table not in tables:
                    continue
                for name, field in fields_of(table).items():
                    if names is not None and name not in names:
                        continue
                    raw = self._catalogue.words_of(device.key, name, field)
                    yield RegisterReading(
                        device=device.key,
                        name=name,
                        address=field.address,
                        raw=raw,
                        value=self._beliefs.value(device.key, name),
                        unit=field.unit,
                    )

    def _watch(self, *, doubtful: bool) -> None:
        """Say how often the plant is asked what it holds: in doubt at once."""
        at = self._control_read_at()
        for block in self._control_blocks():
            block.pace_s = _WATCHED_EVERY_S if self.record.own else None
            if doubtful:
                block.pace_s = _IN_DOUBT_EVERY_S
                if self._doubted_at is None:
                    block.due_since = _FIRST_OF_ALL
        self._doubted_at = (self._doubted_at or at) if doubtful else None

    def _control_read_at(self) -> datetime | None:
        """Give when what the plant holds was read last: the same moment until it is read again."""
        read_at = max((b.read_at for b in self._control_blocks() if b.read_at is not None), default=None)
        if read_at is None:
            return None
        if self._read_at is None or self._read_at[0] != read_at:
            self._read_at = (read_at, self._now())
        return self._read_at[1]

    def _control_blocks(self) -> list[Block]:
        blocks = self._catalogue.poller.blocks
        return [block for block in blocks if block.device == PLANT and block.table is EmsControl]

    def _sender(self) -> Sender:
        return Sender(
            self._catalogue,
            self.record,
            now=self._now,
            monotonic=self._monotonic,
            halted=lambda: self._halted,
            soc_pct=self._soc_pct(),
        )

    def _soc_pct(self) -> float | None:
        soc_pct = self._beliefs.value(PLANT, "ess_soc")
        return soc_pct if isinstance(soc_pct, float | int) else None


def installation_of(limits: DeviceLimits) -> Installation:
    """Name the limits as the plans do."""
    return Installation(
        export_limit_w=limits.get(Limit.EXPORT),
        import_limit_w=limits.get(Limit.IMPORT),
        charge_cutoff_pct=limits.get(Limit.CHARGE_CUTOFF),
        discharge_cutoff_pct=limits.get(Limit.DISCHARGE_CUTOFF),
        backup_reserve_pct=limits.get(Limit.BACKUP_RESERVE),
    )
