"""Commands a Chint plant by the recipes of its profile; where there is none, it is only decided."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, tzinfo

from ...engine.command import BatteryCommand, CommandKind, Limit
from ...engine.plant import Ownership, PlantState, Value
from ..control import Applied, Capabilities, DeviceLimits, Holding, Order, Outcome, Request, Span
from ..schedule import Schedule, SchedulePeriod
from ..write import CommandRefusedError
from .abilities import PlantFacts, abilities, limit_guards
from .beliefs import Beliefs
from .device import PLANT, ChintDevice
from .effects import EffectWatch
from .plan import Situation, in_force, plan, release_plan, request_plan
from .record import Record
from .refusals import Refusal
from .sender import Sender, control_blocks

_WATCHED_EVERY_S = 30.0
"""While we hold the plant, this often it is asked whether somebody else has changed something."""
_IN_DOUBT_EVERY_S = 15.0
_FIRST_OF_ALL = -10.0
_PROOF = "recipe_"
_REQUESTS: Mapping[Request, str] = {Request.POWER_ON: "power_on", Request.POWER_OFF: "power_off"}
_TAKES_MANY = (CommandKind.CHARGE, CommandKind.DISCHARGE, CommandKind.FEED_IN, CommandKind.IDLE)
"""Commands that a spent budget does not allow any more; all others leave more to the device."""


class ChintControl:
    """The commands of one plant."""

    _device: ChintDevice
    _beliefs: Beliefs

    def __init__(
        self,
        *,
        zone: tzinfo | None,
        now: Callable[[], datetime],
        read_fast: Callable[[], Awaitable[None]],
    ) -> None:
        """Remember nothing yet; `restore` does."""
        self.record = Record()
        self._zone = zone
        self._now = now
        self._read_fast = read_fast
        self._tried: CommandKind | None = None
        self._watch = EffectWatch()
        self._met = False
        self._off_grid = False
        self._doubted_at: datetime | None = None
        self._read_at: tuple[float, datetime] | None = None
        self._halted = False

    # What the driver calls.

    def restore(self, saved: object, device: ChintDevice, beliefs: Beliefs) -> None:
        """Take over what an earlier session has kept, about the device as it is known now."""
        self._device, self._beliefs = device, beliefs
        self.record = Record.from_json(saved)
        self.record.on(device.profile.edition, device.identity.firmware)
        self._met = False
        self._watch.end()

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

    def take_reading(self, state: PlantState) -> None:
        """Look at a reading that has just been taken."""
        held = self._held()
        self._off_grid = state.grid_state.value.startswith("off_grid")
        if not self._met and any(value is not None for value in held.values()):
            self._met = True
            self.record.meet(self._device.profile, held)
        if (failed := self._watch.failed(state)) is not None and failed is not self._tried:
            self.record.effects[failed] = False
            self._watch.end()
        self._look_often(doubtful=self._ownership() is Ownership.FOREIGN)

    # What the caller of the driver sees.

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded, and whether it may be."""
        profile = self._device.profile
        return Capabilities(
            abilities=abilities(self._facts(limits)),
            guards=limit_guards(),
            writable=self._device.choice.documented_writes if profile.commands else bool(profile.requests),
        )

    def holding(self) -> Holding:
        """Say what the plant holds, as read last."""
        now, record = self._now(), self.record
        ownership = self._ownership()
        ours = ownership in (Ownership.OURS, Ownership.FREE)
        return Holding(
            ownership=ownership,
            command=record.in_force(self._device.profile, self._held(), self._local()) if ours else None,
            confirmed=record.pending is None,
            read_at=self._control_read_at(),
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
        """Plan a command.

        Raises:
            CommandRefusedError: it cannot be carried out, or nothing may be written here.

        """
        if command.kind is CommandKind.RELEASE:
            return self.release(limits)
        if not self.capabilities(limits).writable:
            raise CommandRefusedError(Refusal.READ_ONLY)
        writes = plan(command, self._situation(limits))
        left = self.record.writes_left(self._now())
        if command.kind in _TAKES_MANY and len(writes) > left:
            raise CommandRefusedError(Refusal.WRITE_BUDGET, left=left)
        return Order(command=command, writes=writes, limits=limits)

    def release(self, limits: DeviceLimits, *, short: bool = False) -> Order:  # noqa: ARG002  nothing can wait
        """Plan how to hand the plant back: what is ours goes back to the device's own program."""
        command = BatteryCommand(kind=CommandKind.RELEASE)
        if command.kind not in self._device.profile.commands:
            return Order(command=command, limits=limits)
        writes = release_plan(self._situation(limits), self.record.own)
        return Order(command=command, writes=writes, limits=limits)

    def request(self, device: str, request: Request, value: float | None = None) -> Order:
        """Plan what to write to the inverter itself.

        Raises:
            CommandRefusedError: it has no such thing.

        """
        if request not in self.requests(device) or value is not None:
            raise CommandRefusedError(Refusal.NOT_SUPPORTED)
        key = self._device.key_of("inverter")
        return Order(command=None, writes=request_plan(self._device.profile, _REQUESTS[request], key))

    def requests(self, device: str) -> Mapping[Request, Span | None]:
        """Give what can be asked: to be switched on and off, where the profile says how."""
        if device != PLANT:
            return {}
        known = self._device.profile.requests
        return {request: None for request, name in _REQUESTS.items() if name in known}

    def begin(self, order: Order) -> None:
        """Note what is about to be written; what is asked of the inverter itself is no command."""
        self._halted = False
        if order.command is not None:
            self.record.begin(order, order.command, self._held())

    async def execute(self, order: Order) -> Applied:
        """Write and read back."""
        applied = await self._sender().send(order)
        if applied.outcome is Outcome.CONFIRMED and order.command is not None:
            self.record.settle(order.command, self._device.profile, self._held())
            self._watch.begin(order.command.kind, self._now())
            self._look_often(doubtful=False)
        return applied

    def halt(self) -> None:
        """End the sequence that runs."""
        self._halted = True

    def let_go(self) -> None:
        """Give up the claim on what somebody else has taken."""
        self.record.give_up()
        self._watch.end()

    def provable(self) -> Mapping[str, CommandKind]:
        """Give the recipes of the owner's own that nobody has seen to work."""
        profile = self._device.profile
        if not profile.of_owner:
            return {}
        untried = [
            kind
            for kind in profile.commands
            if kind not in (CommandKind.RELEASE, CommandKind.SELF_CONSUME)
            and not self.record.effects.get(kind)
        ]
        return {f"{_PROOF}{kind}": kind for kind in untried}

    def assume(self, proof: str | None) -> None:
        """Take a recipe for proved while it is tried."""
        self._tried = None if proof is None else CommandKind(proof.removeprefix(_PROOF))

    def prove(self, proof: str) -> None:
        """Keep that a recipe was seen to work."""
        self.record.effects[CommandKind(proof.removeprefix(_PROOF))] = True

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

    def _ownership(self) -> Ownership:
        return self.record.ownership(self._device.profile, self._held())

    def _facts(self, limits: DeviceLimits) -> PlantFacts:
        profile, held = self._device.profile, self._held()
        plain = BatteryCommand(kind=CommandKind.SELF_CONSUME)
        return PlantFacts(
            profile=profile,
            effects=self.record.effects,
            tried=self._tried,
            held_anyway=frozenset({CommandKind.SELF_CONSUME})
            if self._all_read(CommandKind.SELF_CONSUME) and in_force(plain, profile, held, self._local())
            else frozenset(),
            clock_known=self._zone is not None,
            import_limit=Limit.IMPORT in limits,
            export_limit=Limit.EXPORT in limits,
        )

    def _all_read(self, kind: CommandKind) -> bool:
        held = self._held()
        return all(held.get(step.row) is not None for step in self._device.profile.commands.get(kind, ()))

    def _situation(self, limits: DeviceLimits) -> Situation:
        soc_pct = self._beliefs.means("soc")
        return Situation(
            facts=self._facts(limits),
            held=self._held(),
            device=self._device.key_of("inverter"),
            local=self._local(),
            soc_pct=soc_pct if isinstance(soc_pct, float | int) else None,
            off_grid=self._off_grid,
        )

    def _held(self) -> dict[str, Value]:
        rows = {step.row for recipe in self._device.profile.commands.values() for step in recipe}
        return {row: self._device.value(row) for row in rows}

    def _local(self) -> datetime | None:
        return None if self._zone is None else self._now().astimezone(self._zone)

    def _look_often(self, *, doubtful: bool) -> None:
        """Say how often the plant is asked what it holds: in doubt at once."""
        at = self._control_read_at()
        for block in control_blocks(self._device):
            block.pace_s = _WATCHED_EVERY_S if self.record.own else None
            if doubtful:
                block.pace_s = _IN_DOUBT_EVERY_S
                if self._doubted_at is None:
                    block.due_since = _FIRST_OF_ALL
        self._doubted_at = (self._doubted_at or at) if doubtful else None

    def _control_read_at(self) -> datetime | None:
        """Give when what the plant holds was read last: the same moment until it is read again."""
        times = [block.read_at for block in control_blocks(self._device) if block.read_at is not None]
        if not times:
            return None
        if self._read_at is None or self._read_at[0] != max(times):
            self._read_at = (max(times), self._now())
        return self._read_at[1]

    def _sender(self) -> Sender:
        release = self._device.profile.commands.get(CommandKind.RELEASE, ())
        return Sender(
            self._device,
            self.record,
            now=self._now,
            halted=lambda: self._halted,
            decisive={step.row for step in release[:1]},
        )
