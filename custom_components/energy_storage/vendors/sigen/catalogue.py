"""What a Sigen plant consists of and what its firmware offers: asked once, kept, asked again daily."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property

from ...engine.plant import DeviceKind
from ..driver import (
    DriverConnectionError,
    DriverState,
    LinkFault,
    NotThisVendorError,
    Tier,
    UnitIdClashError,
)
from ..fields import Field, Table, fields_of
from ..line import Clock, Line
from ..modbus import Block
from ..poller import Poller
from .clash import CHARGER_STATE
from .facts import shows_dc_charger
from .fleet import PLANT, Fleet, unit_id_of
from .registers import TABLES
from .registers.chargers import DcCharger, DcChargerLimits
from .registers.inverter import InverterGrid, InverterIdentity, Strings5To16, Strings17To36
from .registers.plant import PlantMore, PlantTotals
from .saved import facts_from, identity_from, names_from, time_from, version_from
from .version import Version, VersionSearch

_ASK_AGAIN_AFTER = timedelta(days=1)
_SHED_PACE_S = 15.0
_PLANT_STATE = (30051, 1)
# The plant's counters are wanted first, then what tells which other registers there are.
_WANTED_FIRST: Mapping[type[Table], float] = {PlantTotals: -3.0, InverterGrid: -2.0, DcCharger: -1.0}


class Catalogue:
    """The devices of a plant, the blocks to ask them for, and what is known about both."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        """Begin with nothing known about them."""
        self.poller = Poller(clock)
        self.fleet = fleet
        self.version: Version | None = None
        self._missing: dict[str, set[str]] = {}
        self._asked_at: datetime | None = None
        self._search: VersionSearch | None = None
        self._doubted: list[tuple[Block, str]] = []

    def offered(self, tier: Tier | None = None) -> frozenset[str]:
        """Give the names of the plant's registers that the firmware has, of one tier or of all."""
        return frozenset(
            name
            for block in self.poller.blocks
            if block.device == PLANT and tier in (None, block.tier)
            for name in block.offered
        )

    def block(self, device: str, name: str) -> Block | None:
        """Give the block that has read this register."""
        return next((b for b in self.poller.blocks if b.device == device and name in b.values), None)

    def settled(self) -> bool:
        """Tell whether everything was asked once; what is silent was."""
        return self._search is None and all(
            block.empty or block.read_at is not None or block.backoff.failures or block.line.answered is False
            for block in self.poller.blocks
        )

    def words_of(self, device: str, name: str, field: Field) -> tuple[int, ...] | None:
        """Give the words of a register as they came last; None when they never did."""
        if (block := self.block(device, name)) is None:
            return None
        return tuple(block.words[field.address + offset] for offset in range(field.count))

    def words_by_unit(self) -> dict[int, dict[int, int]]:
        """Give all words as they came last, by unit id."""
        words: dict[int, dict[int, int]] = {}
        for block in self.poller.blocks:
            unit_id = self.fleet.plant_id if block.device == PLANT else unit_id_of(block.device)
            words.setdefault(unit_id, {}).update(block.words)
        return {unit_id: known for unit_id, known in words.items() if known}

    def restore(self, saved: DriverState) -> None:
        """Take over what an earlier session has found out, as far as it makes sense."""
        self.version = version_from(saved)
        self._asked_at = time_from(saved)
        for unit_id in self.fleet.inverter_ids:
            key = f"inverter_{unit_id}"
            self.fleet.facts[key] = facts_from(saved, key)
            if identity := identity_from(saved, unit_id):
                self.fleet.identities[unit_id] = identity
        self._missing = names_from(saved)

    def saved(self) -> DriverState:
        """Give what `restore` takes, as JSON."""
        for block in self.poller.blocks:
            self._missing.setdefault(block.device, set()).update(block.missing)
        return {
            "version": None if self.version is None else self.version.name,
            "asked_at": None if self._asked_at is None else self._asked_at.isoformat(),
            "identities": {str(unit_id): asdict(who) for unit_id, who in self.fleet.identities.items()},
            "facts": {key: asdict(facts) for key, facts in self.fleet.facts.items()},
            "missing": {key: sorted(names) for key, names in self._missing.items() if names},
        }

    async def identify(self) -> None:
        """Ask the inverters who they are; the first may be silent only when it is known already.

        Raises:
            DriverConnectionError: the link is broken, or the first inverter is silent and unknown.
            NotThisVendorError: one of them answers, but not as an inverter.
            UnitIdClashError: it answers as a charger, which has taken the inverter's id.

        """
        for unit_id in self.fleet.inverter_ids:
            if unit_id in self.fleet.charger_lines:
                raise UnitIdClashError(unit_id)
            first = unit_id == self.fleet.inverter_ids[0]
            if unit_id in self.fleet.identities and not first:
                continue
            block = self._block(f"inverter_{unit_id}", InverterIdentity, self.fleet.inverter_lines[unit_id])
            try:
                await self.poller.read(block)
            except DriverConnectionError as err:
                known = unit_id in self.fleet.identities
                if err.fault is not LinkFault.SILENT or (first and not known):
                    raise
                continue
            if block.empty:
                if await self.fleet.inverter_lines[unit_id].answers(*CHARGER_STATE):
                    raise UnitIdClashError(unit_id)
                raise NotThisVendorError(f"unit {unit_id} is no Sigen inverter")
            before = self.fleet.identities.get(unit_id)
            self.fleet.meet(block)
            if first and before not in (None, self.fleet.identity):
                self.version = None  # what was saved is about another firmware, or another inverter
                self._missing = {}

    async def find_version(self, now: datetime) -> None:
        """Find out the protocol version, unless it is known.

        Raises:
            DriverConnectionError: the plant does not answer.
            NotThisVendorError: it does, but not as a Sigen plant.

        """
        if self.version is None:
            search = VersionSearch()
            while (version := search.found) is None:
                search.learn(answered=await self.fleet.plant_line.answers(*search.probe))
            if version is Version.V1_8 and not await self.fleet.plant_line.answers(*_PLANT_STATE):
                raise NotThisVendorError("the plant's registers are unknown to this device")
            self.version, self._asked_at = version, now
        self.arrange()

    def arrange(self) -> None:
        """Lay out the blocks for what is known now; those that stay as they were keep their readings."""
        old: dict[tuple[str, type[Table]], list[Block]] = {}
        for block in self.poller.blocks:
            old.setdefault((block.device, block.table), []).append(block)
        blocks: list[Block] = []
        for device, table, line in self._layout:
            names = self._names(device, table)
            same = old.get((device, table), [])
            if names and {name for block in same for name in block.names} == names:
                blocks += same
            elif names:
                blocks.append(self._block(device, table, line))
        self.poller.blocks = blocks

    def take_in(self, now: datetime) -> None:
        """Learn from what was just read: who is there, what is fitted, what came with a new firmware."""
        before = (dict(self.fleet.facts), dict(self.fleet.identities))
        for block in tuple(self.poller.blocks):
            if block.table is PlantMore and (rest := block.shed(Tier.COUNTERS, _SHED_PACE_S)):
                self.poller.blocks.append(rest)
            if block.table is InverterGrid and block.finished and block.values:
                self.fleet.learn_fittings(block)
            if block.table is DcCharger and shows_dc_charger(block.values):
                self.fleet.show_dc_charger(block.device)
                block.as_declared()
            if block.table is InverterIdentity and block.values:
                self.fleet.meet(block)
        firmware_before = {unit_id: who.firmware for unit_id, who in before[1].items()}
        firmware = {unit_id: who.firmware for unit_id, who in self.fleet.identities.items()}
        if any(firmware[unit_id] != was for unit_id, was in firmware_before.items()):
            self._start_over(now)
        if before[0] != self.fleet.facts:
            self.arrange()

    def ask_again_if_old(self, now: datetime) -> None:
        """Once a day, doubt what the firmware was found not to have."""
        if self._asked_at is not None and now - self._asked_at < _ASK_AGAIN_AFTER:
            return
        self._asked_at = now
        self._search = VersionSearch(self.version or Version.V1_8)
        self._doubted = [
            (block, name)
            for block in self.poller.blocks
            for name in tuple(sorted(block.missing, key=block.names.index))[: 1 if block.empty else None]
        ]

    async def ask_again(self, most_requests: int | None) -> int:
        """Go on with what is in doubt; give how many requests that took."""
        requests = 0
        while most_requests is None or requests < most_requests:
            if self._search is not None and (found := self._search.found):
                self.version, self._search = found, None
                self.arrange()
            elif self._search is not None:
                requests += 1
                self._search.learn(answered=await self.fleet.plant_line.answers(*self._search.probe))
            elif self._doubted:
                block, name = self._doubted.pop()
                field = fields_of(block.table)[name]
                requests += 1
                if await block.line.answers(field.address, field.count):
                    self._missing.get(block.device, set()).difference_update(block.names)
                    block.restore(name)
            else:
                break
        return requests

    @cached_property
    def _layout(self) -> tuple[tuple[str, type[Table], Line], ...]:
        def rows(
            kind: DeviceKind, lines: Iterable[tuple[str, Line]]
        ) -> Iterator[tuple[str, type[Table], Line]]:
            return ((key, t, line) for key, line in lines for t in TABLES[kind] if not t.write_only)

        inverters = self.fleet.inverter_lines.items()
        return (
            *rows(DeviceKind.PLANT, [(PLANT, self.fleet.plant_line)]),
            *rows(DeviceKind.INVERTER, [(f"inverter_{n}", line) for n, line in inverters]),
            *rows(
                DeviceKind.AC_CHARGER,
                [(f"ac_charger_{n}", line) for n, line in self.fleet.charger_lines.items()],
            ),
            *rows(DeviceKind.DC_CHARGER, [(f"dc_charger_{n}", line) for n, line in inverters]),
        )

    def _names(self, device: str, table: type[Table]) -> set[str]:
        """Give the fields of this table that version and fittings promise."""
        version = self.version or Version.V1_8
        names = {name for name, field in fields_of(table).items() if field.since <= version}
        if table in (Strings5To16, Strings17To36):
            return {name for name in names if self.fleet.facts[device].has(name)}
        if table is DcChargerLimits and not self.fleet.has_dc_charger(device):
            return set()
        return names

    def _block(self, device: str, table: type[Table], line: Line) -> Block:
        block = Block(device, table, line, self._names(device, table))
        block.without(self._missing.get(device, ()))
        block.due_since = _WANTED_FIRST.get(table, 0.0)
        if table is DcCharger and not self.fleet.has_dc_charger(device):
            block.seldom()
        return block

    def _start_over(self, now: datetime) -> None:
        """Forget what the old firmware lacked."""
        self._asked_at = now
        self._missing = {}
        self._doubted = []
        self._search = VersionSearch()
        self.poller.blocks = []
        self.arrange()
