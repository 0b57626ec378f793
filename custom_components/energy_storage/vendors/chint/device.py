"""One Chint device on its line: who it is, the blocks to ask it for, and what is known about both."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from ...engine.plant import Device, DeviceKind, Identity, Value
from ..driver import DriverState, NotThisVendorError, Tier
from ..fields import Field, fields_of
from ..line import Clock, Line
from ..modbus import Block
from ..poller import Poller
from .choice import Choice
from .discovery import ask_identity, detect, identity_of, nameless, said
from .profile import Profile, Row
from .rows import DEVICES, tables_of

PLANT = "plant"
_ASK_AGAIN_AFTER = timedelta(days=1)
_NEARLY = 0.95
"""Of its pace: what comes due a moment early is asked, or it would wait another round."""


class ChintDevice:
    """The device of one plant."""

    def __init__(self, line: Line, unit_id: int, choice: Choice, clock: Clock) -> None:
        """Begin with what the owner says alone."""
        self.line = line
        self.unit_id = unit_id
        self.poller = Poller(clock)
        self.identity = Identity()
        self.choice = choice
        self._clock = clock
        self._profile = choice.chosen
        self._missing: dict[str, set[str]] = {}
        self._asked_at: datetime | None = None
        self._paced: dict[Tier, float] = {}
        self._asked_who: Block | None = None

    @property
    def profile(self) -> Profile:
        """What it is read by; known after `identify`."""
        if self._profile is None:
            raise NotThisVendorError("the device has not yet said what it is")
        return self._profile

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant, its inverter, and what is reached through that."""
        uid = self.identity.serial or ""
        plant = Device(
            key=PLANT, uid=uid, kind=DeviceKind.PLANT, unit_id=self.unit_id, identity=self.identity
        )
        kinds = {DEVICES[row.device] for row in self.profile.rows.values() if self.reads(row)}
        others = (kind for kind in DEVICES.values() if kind in kinds and kind is not DeviceKind.INVERTER)
        return (
            plant,
            self._part(DeviceKind.INVERTER, PLANT, self.identity),
            *(self._part(kind, self.key_of("inverter"), Identity()) for kind in others),
        )

    def key_of(self, device: str) -> str:
        """Give the key of the device whose reading a row is."""
        return f"{DEVICES[device]}_{self.unit_id}"

    def reads(self, row: Row) -> bool:
        """Tell whether a row is one of those that are read, whether the device has it or not."""
        return any(row.name in block.names for block in self.poller.blocks)

    def offered(self) -> frozenset[str]:
        """Give the names of the rows that the device has."""
        return frozenset(name for block in self.poller.blocks for name in block.offered)

    def block(self, name: str) -> Block | None:
        """Give the block that has read this row."""
        return next((block for block in self._all_blocks() if name in block.values), None)

    def value(self, name: str) -> Value:
        """Give what a row said last, as it was said; None while that is unknown."""
        return None if (block := self.block(name)) is None else block.values[name]

    def words_of(self, name: str, field: Field) -> tuple[int, ...] | None:
        """Give the words of a row as they came last; None when they never did."""
        if (block := self.block(name)) is None:
            return None
        return tuple(block.words[field.address + offset] for offset in range(field.count))

    def words(self) -> dict[int, int]:
        """Give all words as they came last: several requests may have read the same address."""
        blocks = sorted(self._all_blocks(), key=lambda block: block.read_at or 0.0)
        return {address: word for block in blocks for address, word in block.words.items()}

    def _all_blocks(self) -> tuple[Block, ...]:
        """Give what is read in the running, and what was asked once to know who it is."""
        return (*self.poller.blocks, *(() if self._asked_who is None else (self._asked_who,)))

    def settled(self) -> bool:
        """Tell whether everything was asked once."""
        return all(
            block.empty or block.read_at is not None or block.backoff.failures for block in self.poller.blocks
        )

    # Who it is.

    def restore(self, saved: DriverState) -> None:
        """Take over what an earlier session has found out, as far as it makes sense and still matters."""
        self.identity = _identity_from(saved.get("identity"))
        profile = saved.get("profile")
        if self._profile is None and isinstance(profile, str):
            self._profile = self.choice.profiles.get(profile)
        if self._profile is None or self._profile.key != profile:
            return
        same = saved.get("edition", self._profile.key) == self._profile.edition
        self._asked_at = _time_from(saved.get("asked_at"))
        missing = saved.get("missing") if same else None
        for key, names in missing.items() if isinstance(missing, Mapping) else ():
            if isinstance(key, str) and isinstance(names, list):
                self._missing[key] = {name for name in names if isinstance(name, str)}

    def saved(self) -> DriverState:
        """Give what `restore` takes, as JSON."""
        for block in self.poller.blocks:
            self._missing.setdefault(block.device, set()).update(block.missing)
        return {
            "profile": None if self._profile is None else self._profile.key,
            "edition": None if self._profile is None else self._profile.edition,
            "identity": asdict(self.identity),
            "asked_at": None if self._asked_at is None else self._asked_at.isoformat(),
            "missing": {key: sorted(names) for key, names in self._missing.items() if names},
        }

    async def identify(self, now: datetime) -> None:
        """Ask who it is and lay out what it is asked for.

        Raises:
            DriverConnectionError: it does not answer.
            NotThisVendorError: no profile is for it.

        """
        if self._profile is None:
            self._profile = await detect(self.line, self.choice.profiles.values(), self._clock)
        self._asked_who = await ask_identity(self.line, self._profile, self._clock)
        told, before = said(self._profile, self._asked_who), self.identity
        found = identity_of(self._profile, told, self.unit_id)
        # One that told its serial number once has it still, and one that was added without keeps its name.
        hidden = told.get("serial_number") is None or before.serial == nameless(self.unit_id)
        named = before.serial is not None and hidden
        self.identity = Identity(
            serial=before.serial if named else found.serial, model=found.model, firmware=found.firmware
        )
        if before.firmware not in (None, self.identity.firmware):
            self._missing, self._asked_at = {}, None
        self._asked_at = self._asked_at or now
        self.arrange()

    def arrange(self) -> None:
        """Lay out the blocks, without what the device is known not to have."""
        self.poller.blocks = list(self._blocks())

    def ask_again_if_old(self, now: datetime) -> None:
        """Once a day, doubt what the device was found not to have."""
        if self._asked_at is not None and now - self._asked_at < _ASK_AGAIN_AFTER:
            return
        self._asked_at = now
        self._missing = {}
        for block in self.poller.blocks:
            for name in sorted(block.missing):
                block.restore(name)

    def due(self, tiers: frozenset[Tier]) -> frozenset[Tier]:
        """Leave out what was asked too lately for the pace of the profile."""
        now = self._clock()
        kept = frozenset(
            tier
            for tier in tiers
            if tier not in self._paced
            or now - self._paced[tier] >= _NEARLY * self.profile.pace_s.get(tier, 0)
        )
        self._paced |= dict.fromkeys(kept, now)
        return kept

    def _blocks(self) -> Iterator[Block]:
        for device, table in tables_of(self.profile, self.choice.groups):
            key = self.key_of(device)
            block = Block(key, table, self.line, tuple(fields_of(table)))
            block.without(self._missing.get(key, ()))
            yield block

    def _part(self, kind: DeviceKind, parent: str, identity: Identity) -> Device:
        return Device(
            key=f"{kind}_{self.unit_id}",
            uid=f"{self.identity.serial}_{kind}",
            kind=kind,
            unit_id=self.unit_id,
            identity=identity,
            parent=parent,
        )


def _identity_from(saved: object) -> Identity:
    kept: Mapping[Any, Any] = saved if isinstance(saved, Mapping) else {}
    texts = {name: kept.get(name) for name in ("serial", "model", "firmware")}
    return Identity(**{name: text if isinstance(text, str) else None for name, text in texts.items()})


def _time_from(saved: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(saved) if isinstance(saved, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)
