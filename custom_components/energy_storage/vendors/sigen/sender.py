"""Sends writes to a Sigen plant one after another, and looks each time what became of them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from ...engine.command import CommandKind
from ..control import Applied, Order, Outcome
from ..driver import DriverConnectionError, DriverError, DriverRejectedError
from ..fields import Field, fields_of
from ..line import Clock
from ..modbus import Block
from ..write import CommandRefusedError, RegisterWrite, register_writes
from .abilities import Seen
from .catalogue import Catalogue
from .fleet import PLANT
from .held import MODE, REMOTE, Reading
from .record import Record
from .registers.plant import EmsControl, PlantNow
from .write_guards import Refusal, highest_cutoff

_IN_FORCE_WITHIN_S = 20.0
_SOC_LEAP_PCT = 5.0
_DECISIVE = (MODE, REMOTE)
"""What makes the limits before them matter: these are looked at first."""


class _EndedError(Exception):
    """A sequence ends here."""

    def __init__(self, outcome: Outcome, write: RegisterWrite, code: str, *, again: bool = False) -> None:
        """Keep where, and why."""
        super().__init__(code)
        self.outcome, self.write, self.code, self.again = outcome, write, code, again


class Sender:
    """Writes, reads back, and stops at the first write that does not hold."""

    def __init__(
        self,
        catalogue: Catalogue,
        record: Record,
        *,
        now: Callable[[], datetime],
        monotonic: Clock,
        halted: Callable[[], bool],
        soc_pct: float | None,
    ) -> None:
        """Speak over the lines of the catalogue, and count in the record; `soc_pct` is believed."""
        self._catalogue = catalogue
        self._record = record
        self._now = now
        self._monotonic = monotonic
        self._halted = halted
        self._skipped: list[RegisterWrite] = []
        self._releasing = False
        self._soc_pct = soc_pct

    async def send(self, order: Order) -> Applied:
        """Send an order; the outcome tells how far it went."""
        done: list[RegisterWrite] = []
        self._skipped = []
        self._releasing = order.command is not None and order.command.kind is CommandKind.RELEASE
        try:
            await self._send(register_writes(order.writes), done)
        except _EndedError as end:
            return Applied(
                order=order,
                outcome=end.outcome,
                done=tuple(done),
                skipped=tuple(self._skipped),
                failed=end.write,
                code=end.code,
                again=end.again,
            )
        done = [write for write in done if write not in self._skipped]
        return Applied(order=order, outcome=Outcome.CONFIRMED, done=tuple(done), skipped=tuple(self._skipped))

    async def read_control(self) -> None:
        """Read what the plant holds.

        Raises:
            DriverError: it does not answer.

        """
        for block in self._blocks(PLANT, EmsControl):
            await self._catalogue.poller.read(block)

    async def _send(self, writes: tuple[RegisterWrite, ...], done: list[RegisterWrite]) -> None:
        unseen: list[RegisterWrite] = []
        for write in writes:
            if self._halted():
                raise _EndedError(Outcome.INTERRUPTED, write, Refusal.HALTED)
            if write.name in _DECISIVE:
                await self._look(unseen)
            if write.below_soc:
                await self._compare_with_soc(write)
            if await self._write(write):
                done.append(write)
                unseen.append(write)
            if write.wait_for is not None:
                await self._look(unseen)
                await self._wait(write)
        await self._look(unseen)

    async def _write(self, write: RegisterWrite) -> bool:
        """Write; False where the firmware refuses what it may refuse."""
        line = self._catalogue.fleet.line(write.device)
        counted = write.name if write.device == PLANT else f"{write.device}.{write.name}"
        self._record.count(counted, self._now())
        try:
            await line.write(write.address, write.words, write.function)
        except DriverRejectedError as err:
            if await self._holds(write):
                return True
            if write.may_be_refused or self._can_wait(write):
                return False
            raise _EndedError(
                Outcome.REFUSED, write, Refusal.BY_DEVICE, again=self._learns_from(write)
            ) from err
        except DriverConnectionError as err:
            raise _EndedError(Outcome.INTERRUPTED, write, Refusal.LINK_LOST) from err
        return True

    def _can_wait(self, write: RegisterWrite) -> bool:
        """Leave a limit that is not taken back for later: a release goes on to switch remote EMS off."""
        if not self._releasing or write.name in _DECISIVE:
            return False
        self._skipped.append(write)
        return True

    def _learns_from(self, write: RegisterWrite) -> bool:
        """Remember a firmware that takes the control mode only once remote EMS is on."""
        if write.name != MODE or write.why != "enter" or Seen.MODE_ONLY_IN_REMOTE in self._record.seen:
            return False
        self._record.seen.add(Seen.MODE_ONLY_IN_REMOTE)
        return True

    async def _compare_with_soc(self, write: RegisterWrite) -> None:
        """Read the SOC just now: what has come to lie above it is not written; a new plan takes that in."""
        soc_pct = await self._soc(write)
        try:
            highest = highest_cutoff(Reading(soc_pct=soc_pct, soc_age_s=0.0))
        except CommandRefusedError as err:
            raise _EndedError(Outcome.REFUSED, write, err.code, again=True) from err
        if not isinstance(write.value, float | int) or write.value > highest:
            raise _EndedError(Outcome.REFUSED, write, Refusal.SOC_TOO_LOW, again=True)

    async def _soc(self, write: RegisterWrite) -> float | None:
        """Give the SOC as it is now; None when it leaps, as a reading that makes no sense does."""
        piece = PlantNow(self._catalogue.fleet.plant_line.unit)
        piece.restrict_fields(["ess_soc"])
        try:
            await self._catalogue.fleet.plant_line.ask(partial(piece.async_update, notify=False))
        except DriverError as err:
            raise _EndedError(Outcome.INTERRUPTED, write, Refusal.LINK_LOST) from err
        soc_pct = piece.ess_soc
        if self._soc_pct is None or not isinstance(soc_pct, float | int):
            return None
        return float(soc_pct) if abs(soc_pct - self._soc_pct) <= _SOC_LEAP_PCT else None

    async def _wait(self, write: RegisterWrite) -> None:
        """Wait until a register reads as expected."""
        expected, since = write.wait_for, self._monotonic()
        block = self._block(PLANT, expected.name) if expected else None
        while expected is not None and block is not None:
            await self._read(block, write)
            if block.values.get(expected.name) == expected.value:
                return
            if self._halted():
                raise _EndedError(Outcome.INTERRUPTED, write, Refusal.HALTED)
            if self._monotonic() - since >= _IN_FORCE_WITHIN_S or self._is_foreign(block):
                raise _EndedError(Outcome.UNCONFIRMED, write, Refusal.REMOTE_NOT_IN_FORCE)

    def _is_foreign(self, block: Block) -> bool:
        return block.values.get("ems_work_mode") == "vpp"

    async def _look(self, unseen: list[RegisterWrite]) -> None:
        """Read back what was written since the last look; one that does not hold ends the sequence."""
        blocks = {id(block): (block, write) for write in unseen if (block := self._block_of(write))}
        for block, write in blocks.values():
            await self._read(block, write)
        for write in unseen:
            if self._held(write) is False and not self._can_wait(write):
                raise _EndedError(Outcome.UNCONFIRMED, write, Refusal.NOT_HELD)
        unseen.clear()

    async def _read(self, block: Block, write: RegisterWrite) -> None:
        try:
            await self._catalogue.poller.read(block)
        except DriverError as err:
            raise _EndedError(Outcome.INTERRUPTED, write, Refusal.LINK_LOST) from err

    async def _holds(self, write: RegisterWrite) -> bool:
        """Look after a refusal whether the plant has it all the same."""
        if (block := self._block_of(write)) is None:
            return False
        await self._read(block, write)
        return self._held(write) is True

    def _held(self, write: RegisterWrite) -> bool | None:
        """Compare with what was read back; None for a command that cannot be read."""
        block = self._block_of(write)
        if block is None:
            return None
        words = self._catalogue.words_of(write.device, write.name, _field(block, write.name))
        return words == write.words

    def _block_of(self, write: RegisterWrite) -> Block | None:
        return self._block(write.device, write.name)

    def _block(self, device: str, name: str) -> Block | None:
        blocks = self._catalogue.poller.blocks
        return next((b for b in blocks if b.device == device and name in b.offered), None)

    def _blocks(self, device: str, table: type[EmsControl]) -> Iterator[Block]:
        return (b for b in tuple(self._catalogue.poller.blocks) if b.device == device and b.table is table)


def _field(block: Block, name: str) -> Field:
    return fields_of(block.table)[name]
