"""Finds out which Chint device answers on a line, and by which profile it is to be read."""

from collections.abc import Iterable, Mapping
import time

from ...engine.plant import DeviceKind, Identity, Value
from ..driver import (
    Discovery,
    FoundDevice,
    NotThisVendorError,
    Progress,
    Search,
    Units,
)
from ..line import Clock, Line
from ..modbus import Block
from ..poller import Poller
from .choice import choice_of
from .profile import Profile
from .rows import identity_table, table_of

TIMEOUT_S = 3.0
SPACING_S = 0.05
_INVERTER = "inverter"

type Said = Mapping[str, Value]
"""What a device says of itself, by meaning."""


async def discover(units: Units, search: Search, progress: Progress) -> Discovery:
    """Ask the one device on this unit id who it is.

    Raises:
        DriverConnectionError: it does not answer.
        NotThisVendorError: something answers that no profile is for.
        OwnProfileError: a profile of the owner is wrong, or not there.

    """
    choice = choice_of(search.options, search.profiles)
    unit_id = search.plant_unit_id
    line = Line(units(unit_id), timeout_s=TIMEOUT_S, spacing_s=SPACING_S, clock=time.monotonic)
    progress(0, 1)
    profile = choice.chosen or await detect(line, choice.profiles.values(), time.monotonic)
    if not await answers_as(line, profile, time.monotonic):
        raise NotThisVendorError(f"unit {unit_id} does not answer as {profile.title}")
    told = said(profile, await ask_identity(line, profile, time.monotonic))
    identity = identity_of(profile, told, unit_id)
    progress(1, 1)
    return Discovery(
        plant=identity,
        devices=(FoundDevice(unit_id=unit_id, kind=DeviceKind.INVERTER, identity=identity),),
    )


async def detect(line: Line, profiles: Iterable[Profile], clock: Clock) -> Profile:
    """Find the profile for a device: by its type, its serial number, its model, else by what it answers.

    Raises:
        DriverConnectionError: it does not answer.
        NotThisVendorError: no profile is for it.

    """
    known = tuple(profiles)
    told: dict[tuple[str, tuple[int, ...]], Said] = {}
    best: tuple[int, Profile | None] = (0, None)
    for profile in known:
        if (place := _place(profile)) not in told:
            told[place] = said(profile, await ask_identity(line, profile, clock))
        if (points := _likeness(profile, told[place])) > best[0]:
            best = (points, profile)
    if best[1] is not None:
        return best[1]
    for profile in known:
        if profile.probe and await answers_as(line, profile, clock):
            return profile
    raise NotThisVendorError("no profile is for this device")


async def ask_identity(line: Line, profile: Profile, clock: Clock) -> Block | None:
    """Ask a device who it is, guesses included; what it refuses is missing from the block.

    Raises:
        DriverConnectionError: it does not answer.

    """
    if (table := identity_table(profile)) is None:
        return None
    block = Block(_INVERTER, table, line, tuple(table.declared_fields))
    await _read(block, clock)
    return block


def said(profile: Profile, block: Block | None) -> Said:
    """Give what a device said of itself; what made no sense is None."""
    values = {} if block is None else block.values
    return {row.means: values[name] for name in values if (row := profile.rows[name]).means}


async def answers_as(line: Line, profile: Profile, clock: Clock) -> bool:
    """Tell whether a device answers all that every device of this profile answers, with what can be true.

    Raises:
        DriverConnectionError: it does not answer at all.

    """
    for span in profile.spans:
        rows = [profile.rows[name] for name in profile.probe if span.holds(profile.rows[name])]
        if not rows:
            continue
        block = Block(_INVERTER, table_of(profile, span, rows), line, [row.name for row in rows])
        await _read(block, clock)
        if any(block.values.get(row.name) is None for row in rows):
            return False
    return True


async def _read(block: Block, clock: Clock) -> None:
    await Poller(clock).read(block)


def _place(profile: Profile) -> tuple[str, tuple[int, ...]]:
    """Say where a device of this profile says who it is: several have it at the same place."""
    table = identity_table(profile)
    if table is None:
        return "", ()
    fields = table.declared_fields.values()
    return table.register_space, tuple(sorted(field.address for field in fields))


def _likeness(profile: Profile, told: Said) -> int:
    """Tell how sure one can be that a device is of this profile: 0, not at all."""
    model, serial = _text(told.get("model")), _text(told.get("serial_number"))
    if told.get("device_type") in profile.device_types:
        return 3
    if serial.startswith(profile.serial_prefixes or ("\0",)):
        return 2
    return 1 if model.upper().startswith(profile.model_prefixes or ("\0",)) else 0


def identity_of(profile: Profile, told: Said, unit_id: int) -> Identity:
    """Make an identity; a device that hides its serial number is named by its unit id."""
    return Identity(
        serial=_text(told.get("serial_number")) or nameless(unit_id),
        model=_text(told.get("model")) or profile.title,
        firmware=_text(told.get("firmware")) or None,
    )


def nameless(unit_id: int) -> str:
    """Give what stands for the serial number of a device that does not tell it."""
    return f"chint_{unit_id}"


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
