"""Blocks of registers on Modbus devices, which outlive a point that the device does not have."""

from collections.abc import Collection, Iterable
from functools import partial

from ..engine.plant import Value
from .driver import DriverConnectionError, DriverRejectedError, Point, Tier
from .fields import Field, Table, fields_of
from .line import Backoff, Line

_USUAL_STEP = 0.01


class Block:
    """One table on one device: a single request, or a few once the device has refused some points."""

    def __init__(
        self, device: str, table: type[Table], line: Line, names: Collection[str], tier: Tier | None = None
    ) -> None:
        """Read these fields of the table, those that the firmware should have."""
        self.device = device
        self.table = table
        self.line = line
        self.tier = tier or table.tier
        self.pace_s = table.pace_s
        self.names = tuple(name for name in fields_of(table) if name in names)
        self.missing: set[str] = set()
        """Fields that the device has refused."""
        self.values: dict[str, Value] = {}
        self.words: dict[int, int] = {}
        """Everything read so far, by address."""
        self.due_since: float | None = 0.0
        self.read_at: float | None = None
        self.backoff = Backoff()
        self._pieces = self._plan(self.names)
        self._left: list[Table] = []
        self._good: list[Table] = []
        self._proven = False
        self._merged = False

    @property
    def offered(self) -> tuple[str, ...]:
        """The fields that the device has, as far as known."""
        return tuple(name for name in self.names if name not in self.missing)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to ask for."""
        return not self._pieces

    @property
    def finished(self) -> bool:
        """Whether the last request completed a reading."""
        return not self._left

    async def ask(self, now: float) -> None:
        """Make the next of the requests that this block takes.

        Raises:
            DriverRejectedError: the device refuses what it answered before.
            DriverConnectionError: no usable answer.

        """
        if not self._left:
            self._left = list(self._pieces)
            self._good = []
        piece = self._left.pop(0)
        try:
            answer = await self.line.ask(partial(piece.async_read_raw, notify=False))
        except DriverRejectedError:
            if self._proven:
                self._fail(now)
                raise
            self._split(piece)
        except DriverConnectionError:
            self._fail(now)
            raise
        else:
            self._good.append(piece)
            self.words.update(answer[piece.register_space])
            self.values.update({name: getattr(piece, name) for name in piece.resolved_fields})
        if self.finished:
            self._settle(now)

    def shed(self, tier: Tier, pace_s: float) -> Block | None:
        """Hand all but the first of several requests over to a block of their own, with another pace."""
        if not self._pieces[1:] or not self.finished:
            return None
        first = tuple(self._pieces[0].resolved_fields)
        rest = Block(self.device, self.table, self.line, set(self.names) - set(first), tier)
        rest.missing = self.missing
        rest._pieces = self._pieces[1:]
        rest.pace_s = pace_s
        rest.values = {name: self.values.pop(name) for name in rest.offered if name in self.values}
        last = fields_of(self.table)[first[-1]]
        rest.words = {at: self.words.pop(at) for at in tuple(self.words) if at >= last.address + last.count}
        self.names = first
        self.missing = set()
        self._pieces = self._pieces[:1]
        return rest

    def without(self, missing: Iterable[str]) -> None:
        """Leave out what the device is known to refuse."""
        self.missing.update(set(missing) & set(self.names))
        self._pieces = self._plan(self.offered)

    def restore(self, name: str) -> None:
        """Ask for a refused field again; for all of them where the model has all or none."""
        if self.table.all_or_nothing or self.empty:
            self.missing.clear()
        self.missing.discard(name)
        self._pieces = self._plan(self.offered)
        self._left = []
        self._proven = self._merged = False
        self.due_since = self.due_since or 0.0

    def seldom(self) -> None:
        """Read it only now and then: nothing says yet that it means anything."""
        self.tier, self.pace_s = Tier.STATIC, None

    def as_declared(self) -> None:
        """Read it as often as its table says."""
        self.tier, self.pace_s = self.table.tier, self.table.pace_s

    def forget(self) -> None:
        """Drop all values: nobody knows them any more."""
        self.values.clear()

    def lapse(self, now: float) -> None:
        """Drop all values, since they may have changed unseen, and come due."""
        self._left = []
        self.forget()
        if self.due_since is None:
            self.due_since = now

    def _fail(self, now: float) -> None:
        self._left = []
        self.backoff.fail(now)
        if self.backoff.failures > 1:
            self.forget()

    def _split(self, piece: Table) -> None:
        """Ask for less than what was refused: without what is doubtful, else by halves.

        Where a model has all or none, two refusals decide: of the first field, and of all others at once.
        """
        names = tuple(piece.resolved_fields)
        first, *others = self.names
        fields = fields_of(self.table)
        doubtful = tuple(name for name in names if fields[name].doubtful)
        has_none = self.table.all_or_nothing and first in self.missing and list(names) == others
        if has_none or len(names) == 1:
            self.missing.update(names)
        elif doubtful and len(doubtful) < len(names):
            certain = [name for name in names if name not in doubtful]
            self._left[:0] = self._plan(certain)
            self._left += [self._piece([name]) for name in doubtful]
        else:
            cut = 1 if self.table.all_or_nothing and names[0] == first else len(names) // 2
            self._left[:0] = [*self._plan(names[:cut]), *self._plan(names[cut:])]

    def _settle(self, now: float) -> None:
        """After a full reading: ask for as much at once as the refused points leave, once."""
        self.read_at = now
        self.due_since = None
        self.backoff.succeed()
        if len(self._good) == len(self._pieces) or self._merged:
            self._pieces = self._good
            self._proven = True
        else:
            self._pieces = self._plan(self.offered)
            self._merged = True

    def _plan(self, names: Collection[str]) -> list[Table]:
        """Cut these fields into requests: data points whole, no refused point crossed, not too long."""
        runs: list[list[str]] = []
        start, end, broken = 0, 0, True
        for name, field in fields_of(self.table).items():
            last = field.address + field.count - 1
            if name not in names:
                broken = True
                continue
            if broken or field.address - end > self.table.max_gap or last - start >= self.table.max_span:
                runs.append([])
                start = field.address
            runs[-1].append(name)
            end, broken = last, False
        return [self._piece(run) for run in runs]

    def _piece(self, names: list[str]) -> Table:
        piece = self.table(self.line.unit)
        piece.restrict_fields(names)
        return piece


def point_of(device: str, tier: Tier, name: str, field: Field) -> Point:
    """Make a reading of a register."""
    return Point(
        device=device,
        key=name,
        unit=None if field.timestamp else field.unit,
        role=field.role,
        tier=tier,
        total=field.total,
        options=field.options,
        timestamp=field.timestamp,
        step=field.scale if field.scale < _USUAL_STEP else None,
    )
