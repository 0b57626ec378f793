"""Says which block of a plant is asked for next."""

from collections.abc import Callable, Collection

from .driver import DriverConnectionError, DriverError, LinkFault, Tier
from .line import Clock, Line
from .modbus import Block


class Poller:
    """Asks for the blocks of a plant: the fast ones each time, of the others the most overdue."""

    def __init__(self, clock: Clock) -> None:
        """Begin without blocks."""
        self.blocks: list[Block] = []
        self._clock = clock

    def due(self, tiers: Collection[Tier]) -> None:
        """Take in what has come due."""
        now = self._clock()
        for block in self.blocks:
            paced = block.pace_s is not None and now - (block.read_at or 0.0) >= block.pace_s
            if block.due_since is None and (block.tier in tiers or paced):
                block.due_since = now

    def refused_by(self, line: Line) -> bool:
        """Tell whether a device that answers has refused what it should have."""
        return line.answered is True and any(
            block.backoff.failures for block in self.blocks if block.line is line
        )

    def wake(self, lines: Collection[Line]) -> None:
        """Let these devices be asked again at once."""
        for line in lines:
            line.wake()
        for block in self.blocks:
            if block.line in lines:
                block.backoff.succeed()

    def lapse(self) -> None:
        """Drop what is read each minute, since nobody has looked for longer."""
        for block in self.blocks:
            if block.tier in (Tier.COUNTERS, Tier.SETTINGS):
                block.lapse(self._clock())

    async def read_fast(self, room: Callable[[], bool] = lambda: True) -> None:
        """Read the fast blocks, however many requests that takes while there is `room`.

        Raises:
            DriverError: one of them failed.

        """
        for block in self.blocks:
            if block.tier is Tier.FAST:
                await self.read(block, room)

    async def read(self, block: Block, room: Callable[[], bool] = lambda: True) -> None:
        """Read one block, however many requests it takes while there is `room`.

        Raises:
            DriverError: it failed.

        """
        while not block.empty and room():
            await block.ask(self._clock())
            if block.finished:
                return

    async def read_others(self, most_requests: int | None, *, forced: bool = False) -> None:
        """Read what is overdue, oldest first; a failure costs the block's own readings alone.

        Units and blocks that were silent lately are left out, unless `forced`.
        """
        failed: set[Line | Block] = set()
        requests = 0
        while most_requests is None or requests < most_requests:
            block = self._most_overdue(failed, forced=forced)
            if block is None:
                return
            requests += 1
            try:
                await block.ask(self._clock())
            except DriverConnectionError as err:
                if not block.line.behind or err.fault is not LinkFault.SILENT:
                    return  # the link is in trouble: the next fast reading tells
                failed.add(block.line)
            except DriverError:
                failed.add(block)

    def _most_overdue(self, failed: set[Line | Block], *, forced: bool) -> Block | None:
        now = self._clock()
        waiting = [
            block
            for block in self.blocks
            if block.due_since is not None
            and block.tier is not Tier.FAST
            and not block.empty
            and failed.isdisjoint((block, block.line))
            and (forced or not (block.line.resting() or block.backoff.resting(now)))
        ]
        return min(waiting, key=lambda block: block.due_since or 0.0, default=None)
