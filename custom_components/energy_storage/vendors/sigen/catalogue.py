"""What a Sigen plant consists of and what its firmware offers: asked once, kept, asked again daily."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ...engine.plant import Device, DeviceKind, Identity
from ..driver import (
    DriverConnectionError,
    DriverState,
    LinkFault,
    LinkSetup,
    NotThisVendorError,
    Tier,
    UnitIdClashError,
    Units,
)
from ..fields import Field, Table, fields_of
from ..line import Clock, Line
from ..modbus import Block, Poller
from .facts import Facts, phases_of, shows_dc_charger
from .registers import TABLES
from .registers.chargers import DcCharger, DcChargerLimits
from .registers.inverter import InverterGrid, InverterIdentity, Strings5To16, Strings17To36
from .registers.plant import PlantMore
from .saved import facts_from, identity_from, names_from, time_from, version_from
from .version import Version, VersionSearch

PLANT = "plant"
_ASK_AGAIN_AFTER = timedelta(days=1)
_SHED_PACE_S = 15.0
_PLANT_STATE = (30051, 1)
_CHARGER_STATE = (32000, 1)
# What tells which other registers there are is wanted before the rest.
_WANTED_FIRST: Mapping[type[Table], float] = {InverterGrid: -2.0, DcCharger: -1.0}


class Catalogue:
    """The devices of a plant, the blocks to ask them for, and what is known about both."""

    def __init__(
        self, units: Units, setup: LinkSetup, *, clock: Clock, timeout_s: float, charger_timeout_s: float
    ) -> None:
        """Begin with nothing but the unit ids that the owner named."""

        def line(unit_id: int, seconds: float) -> Line:
            spacing_s = setup.request_spacing_s
            behind = unit_id != setup.plant_unit_id
            unit = units(unit_id)
            return Line(unit, timeout_s=seconds, spacing_s=spacing_s, clock=clock, behind=behind)

        self.setup = setup
        self.poller = Poller(clock)
        self.plant_line = line(setup.plant_unit_id, timeout_s)
        self.inverter_ids = tuple(sorted(setup.inverter_unit_ids))
        self.inverter_lines = {unit_id: line(unit_id, timeout_s) for unit_id in self.inverter_ids}
        self.charger_lines = {
            unit_id: line(unit_id, charger_timeout_s) for unit_id in sorted(setup.ac_charger_unit_ids)
        }
        self.facts = {f"inverter_{unit_id}": Facts() for unit_id in self.inverter_ids}
        self.identities: dict[int, Identity] = {}
        self.version: Version | None = None
        self.plant_answers = False
        """Whether the last fast reading succeeded."""
        self._missing: dict[str, set[str]] = {}
        self._asked_at: datetime | None = None
        self._search: VersionSearch | None = None
        self._doubted: list[tuple[Block, str]] = []

    @property
    def requests(self) -> int:
        """How many requests were made."""
        lines = (self.plant_line, *self.inverter_lines.values(), *self.charger_lines.values())
        return sum(line.requests for line in lines)

    @property
    def identity(self) -> Identity:
        """Who the plant is: its lowest-numbered inverter."""
        return self.identities.get(self.inverter_ids[0], Identity())

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant, and what has answered or was named by the owner."""
        serial = self._serial(self.inverter_ids[0])
        plant = Device(
            key=PLANT,
            uid=serial,
            kind=DeviceKind.PLANT,
            unit_id=self.setup.plant_unit_id,
            identity=self.identity,
        )
        inverters = (
            Device(
                key=f"inverter_{unit_id}",
                uid=f"{self._serial(unit_id)}_inverter",
                kind=DeviceKind.INVERTER,
                unit_id=unit_id,
                identity=self.identities[unit_id],
                parent=PLANT,
            )
            for unit_id in self.inverter_ids
            if unit_id in self.identities
        )
        ac_chargers = (
            Device(
                key=f"ac_charger_{unit_id}",
                uid=f"{serial}_ac_charger_{unit_id}",
                kind=DeviceKind.AC_CHARGER,
                unit_id=unit_id,
                identity=Identity(),
                parent=PLANT,
            )
            for unit_id in self.charger_lines
        )
        dc_chargers = (
            Device(
                key=f"dc_charger_{unit_id}",
                uid=f"{self._serial(unit_id)}_dc_charger",
                kind=DeviceKind.DC_CHARGER,
                unit_id=unit_id,
                identity=Identity(),
                parent=f"inverter_{unit_id}",
            )
            for unit_id in self.inverter_ids
            if self.facts[f"inverter_{unit_id}"].dc_charger
        )
        return (plant, *inverters, *ac_chargers, *dc_chargers)

    @property
    def phases(self) -> int | None:
        """How many phases the plant has; None while unknown."""
        return max((p for facts in self.facts.values() if (p := phases_of(facts.output_type))), default=None)

    @property
    def has_battery(self) -> bool:
        """Whether a battery is fitted, or may be."""
        return any(facts.pack_count != 0 for facts in self.facts.values())

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

    def answers(self, device: str) -> bool:
        """Tell whether a device answered when it was last asked."""
        return self.plant_answers if device == PLANT else self._line(device).answered is True

    def reachable(self) -> dict[str, bool]:
        """Give for each device that was asked whether it answered."""
        asked = (device.key for device in self.devices if self._line(device.key).answered is not None)
        return {key: self.answers(key) for key in asked}

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
            unit_id = self.setup.plant_unit_id if block.device == PLANT else _unit_id(block.device)
            words.setdefault(unit_id, {}).update(block.words)
        return {unit_id: known for unit_id, known in words.items() if known}

    def restore(self, saved: DriverState) -> None:
        """Take over what an earlier session has found out, as far as it makes sense."""
        self.version = version_from(saved)
        self._asked_at = time_from(saved)
        for unit_id in self.inverter_ids:
            key = f"inverter_{unit_id}"
            self.facts[key] = facts_from(saved, key)
            if identity := identity_from(saved, unit_id):
                self.identities[unit_id] = identity
        self._missing = names_from(saved)

    def saved(self) -> DriverState:
        """Give what `restore` takes, as JSON."""
        for block in self.poller.blocks:
            self._missing.setdefault(block.device, set()).update(block.missing)
        return {
            "version": None if self.version is None else self.version.name,
            "asked_at": None if self._asked_at is None else self._asked_at.isoformat(),
            "identities": {str(unit_id): asdict(who) for unit_id, who in self.identities.items()},
            "facts": {key: asdict(facts) for key, facts in self.facts.items()},
            "missing": {key: sorted(names) for key, names in self._missing.items() if names},
        }

    async def identify(self) -> None:
        """Ask the inverters who they are; the first may be silent only when it is known already.

        Raises:
            DriverConnectionError: the link is broken, or the first inverter is silent and unknown.
            NotThisVendorError: one of them answers, but not as an inverter.
            UnitIdClashError: it answers as a charger, which has taken the inverter's id.

        """
        for unit_id in self.inverter_ids:
            if unit_id in self.charger_lines:
                raise UnitIdClashError(unit_id)
            first = unit_id == self.inverter_ids[0]
            if unit_id in self.identities and not first:
                continue
            block = self._block(f"inverter_{unit_id}", InverterIdentity, self.inverter_lines[unit_id])
            try:
                await self.poller.read(block)
            except DriverConnectionError as err:
                known = unit_id in self.identities
                if err.fault is not LinkFault.SILENT or (first and not known):
                    raise
                continue
            if block.empty:
                if await self.inverter_lines[unit_id].answers(*_CHARGER_STATE):
                    raise UnitIdClashError(unit_id)
                raise NotThisVendorError(f"unit {unit_id} is no Sigen inverter")
            self._meet(unit_id, block)

    async def find_version(self, now: datetime) -> None:
        """Find out the protocol version, unless it is known.

        Raises:
            DriverConnectionError: the plant does not answer.
            NotThisVendorError: it does, but not as a Sigen plant.

        """
        if self.version is None:
            search = VersionSearch()
            while (version := search.found) is None:
                search.learn(answered=await self.plant_line.answers(*search.probe))
            if version is Version.V1_8 and not await self.plant_line.answers(*_PLANT_STATE):
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
        before = (dict(self.facts), dict(self.identities))
        for block in tuple(self.poller.blocks):
            if block.table is PlantMore and (rest := block.shed(Tier.COUNTERS, _SHED_PACE_S)):
                self.poller.blocks.append(rest)
            if block.table is InverterGrid and block.finished and block.values:
                self._learn_fittings(block)
            if block.table is DcCharger and shows_dc_charger(block.values):
                key = f"inverter_{_unit_id(block.device)}"
                self.facts[key] = replace(self.facts[key], dc_charger=True)
                block.as_declared()
            if block.table is InverterIdentity and block.values:
                self._meet(_unit_id(block.device), block)
        firmware_before = {unit_id: who.firmware for unit_id, who in before[1].items()}
        firmware = {unit_id: who.firmware for unit_id, who in self.identities.items()}
        if any(firmware[unit_id] != was for unit_id, was in firmware_before.items()):
            self._start_over(now)
        if before[0] != self.facts:
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
                self._search.learn(answered=await self.plant_line.answers(*self._search.probe))
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

        inverters = self.inverter_lines.items()
        return (
            *rows(DeviceKind.PLANT, [(PLANT, self.plant_line)]),
            *rows(DeviceKind.INVERTER, [(f"inverter_{n}", line) for n, line in inverters]),
            *rows(
                DeviceKind.AC_CHARGER, [(f"ac_charger_{n}", line) for n, line in self.charger_lines.items()]
            ),
            *rows(DeviceKind.DC_CHARGER, [(f"dc_charger_{n}", line) for n, line in inverters]),
        )

    def _line(self, device: str) -> Line:
        if device == PLANT:
            return self.plant_line
        lines = self.charger_lines if device.startswith("ac_charger_") else self.inverter_lines
        return lines[_unit_id(device)]

    def _names(self, device: str, table: type[Table]) -> set[str]:
        """Give the fields of this table that version and fittings promise."""
        version = self.version or Version.V1_8
        names = {name for name, field in fields_of(table).items() if field.since <= version}
        if table in (Strings5To16, Strings17To36):
            return {name for name in names if self.facts[device].has(name)}
        if table is DcChargerLimits and not self._dc_charger(device):
            return set()
        return names

    def _block(self, device: str, table: type[Table], line: Line) -> Block:
        block = Block(device, table, line, self._names(device, table))
        block.without(self._missing.get(device, ()))
        block.due_since = _WANTED_FIRST.get(table, 0.0)
        if table is DcCharger and not self._dc_charger(device):
            block.seldom()
        return block

    def _dc_charger(self, device: str) -> bool:
        return self.facts[f"inverter_{_unit_id(device)}"].dc_charger

    def _learn_fittings(self, block: Block) -> None:
        values: Mapping[str, Any] = block.values
        known = {
            name: values[name] for name in ("output_type", "pack_count", "pv_string_count") if values[name]
        }
        if values["pack_count"] == 0:
            known["pack_count"] = 0
        self.facts[block.device] = replace(self.facts[block.device], **known)

    def _meet(self, unit_id: int, block: Block) -> None:
        known = self.identities.get(unit_id)
        before = known or Identity()
        who = Identity(
            serial=_text(block, "serial_number") or before.serial,
            model=_text(block, "model") or before.model,
            firmware=_text(block, "firmware_version") or before.firmware,
        )
        if known is not None and unit_id == self.inverter_ids[0] and known != who and not self.poller.blocks:
            self.version = None  # what was saved is about another firmware, or another inverter
            self._missing = {}
        self.identities[unit_id] = who

    def _start_over(self, now: datetime) -> None:
        """Forget what the old firmware lacked."""
        self._asked_at = now
        self._missing = {}
        self._doubted = []
        self._search = VersionSearch()
        self.poller.blocks = []
        self.arrange()

    def _serial(self, unit_id: int) -> str:
        """Give what stands for an inverter in unique ids; one that hides its serial has its unit id."""
        who = self.identities.get(unit_id)
        return (who and who.serial) or f"unnamed_{unit_id}"


def _unit_id(device: str) -> int:
    return int(device.rpartition("_")[2])


def _text(block: Block, name: str) -> str | None:
    value = block.values.get(name)
    return value if isinstance(value, str) else None
