"""Sends writes to a Chint device one after another, and looks each time what became of them."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from ..control import Applied, Order, Outcome
from ..driver import DriverConnectionError, DriverError, DriverRejectedError
from ..modbus import Block
from ..write import RegisterWrite, register_writes
from .device import ChintDevice
from .record import Record
from .refusals import Refusal
from .rows import field_of


class _EndedError(Exception):
    """A sequence ends here."""

    def __init__(self, outcome: Outcome, write: RegisterWrite, code: str) -> None:
        """Keep where, and why."""
        super().__init__(code)
        self.outcome, self.write, self.code = outcome, write, code


class Sender:
    """Writes, reads back, and stops at the first write that does not hold."""

    def __init__(
        self,
        device: ChintDevice,
        record: Record,
        *,
        now: Callable[[], datetime],
        halted: Callable[[], bool],
        decisive: Collection[str],
    ) -> None:
        """Speak with the device, and count in the record; before a `decisive` row what came is looked at."""
        self._device = device
        self._record = record
        self._now = now
        self._halted = halted
        self._decisive = decisive

    async def send(self, order: Order) -> Applied:
        """Send an order; the outcome tells how far it went."""
        done: list[RegisterWrite] = []
        try:
            await self._send(register_writes(order.writes), done)
        except _EndedError as end:
            return Applied(
                order=order, outcome=end.outcome, done=tuple(done), failed=end.write, code=end.code
            )
        return Applied(order=order, outcome=Outcome.CONFIRMED, done=tuple(done))

    async def read_control(self) -> None:
        """Read what the device holds.

        Raises:
            DriverError: it does not answer.

        """
        for block in control_blocks(self._device):
            await self._device.poller.read(block)

    async def _send(self, writes: tuple[RegisterWrite, ...], done: list[RegisterWrite]) -> None:
        unseen: list[RegisterWrite] = []
        for write in writes:
            if self._halted():
                raise _EndedError(Outcome.INTERRUPTED, write, Refusal.HALTED)
            if write.name in self._decisive:
                await self._look(unseen)
            await self._write(write)
            done.append(write)
            unseen.append(write)
        await self._look(unseen)

    async def _write(self, write: RegisterWrite) -> None:
        self._record.count_write(self._now())
        try:
            await self._device.line.write(write.address, write.words, write.function)
        except DriverRejectedError as err:
            raise _EndedError(Outcome.REFUSED, write, Refusal.BY_DEVICE) from err
        except DriverConnectionError as err:
            raise _EndedError(Outcome.INTERRUPTED, write, Refusal.LINK_LOST) from err

    async def _look(self, unseen: list[RegisterWrite]) -> None:
        """Read back what was written since the last look; one that does not hold ends the sequence."""
        for write in unseen:
            await self._read(write)
            words = self._device.words_of(write.name, field_of(self._device.profile.rows[write.name]))
            if words != write.words:
                raise _EndedError(Outcome.UNCONFIRMED, write, Refusal.NOT_HELD)
        unseen.clear()

    async def _read(self, write: RegisterWrite) -> None:
        for block in self._device.poller.blocks:
            if write.name not in block.offered:
                continue
            try:
                await self._device.poller.read(block)
            except DriverError as err:
                raise _EndedError(Outcome.INTERRUPTED, write, Refusal.LINK_LOST) from err


def control_blocks(device: ChintDevice) -> Iterator[Block]:
    """Give the blocks with what recipes write."""
    rows = {step.row for recipe in device.profile.commands.values() for step in recipe}
    for block in tuple(device.poller.blocks):
        if not rows.isdisjoint(block.names):
            yield block
