"""Which profile a plant is read with, as its owner says; `auto` leaves it to what the device tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.plant import DeviceKind
from ..driver import NoSuchProfileError, OptionValue, VendorOption
from ..fields import Table
from .loader import profiles, shipped
from .profile import Profile
from .rows import DEVICES, tables_of
from .shipped import NAMES

AUTO = "auto"
_PROFILE = "profile"
_ASSUMED = "assumed_"
_IDENTITY = "identity"
DOCUMENTED_WRITES = "documented_writes"


def _groups() -> tuple[str, ...]:
    found = {group for profile in shipped().values() for group in profile.assumed_groups}
    return tuple(sorted(found - {_IDENTITY}))


OPTIONS = (
    VendorOption(key=_PROFILE, default=AUTO, choices=(AUTO, *NAMES), of_files=True, at_setup=True),
    VendorOption(key=DOCUMENTED_WRITES, default=False),
    *(VendorOption(key=f"{_ASSUMED}{group}", default=False, expert=True) for group in _groups()),
)
"""What the owner of a Chint plant may say of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the owner has chosen."""

    profiles: Mapping[str, Profile]
    """All that there are, by name."""
    chosen: Profile | None
    """None: the device has to tell."""
    groups: frozenset[str]
    """Guesses that are to be read."""
    documented_writes: bool
    """Recipes may be written that are documented in public and were not yet seen to work here."""


def choice_of(options: Mapping[str, OptionValue], texts: Mapping[str, str]) -> Choice:
    """Take what the owner chose; `texts` are his profiles by file name.

    Raises:
        WrongProfileError: one of his profiles is wrong.
        NoSuchProfileError: what he has chosen is not there.

    """
    said = {row.key: options.get(row.key, row.default) for row in OPTIONS}
    known, wrong = profiles({name.removesuffix(".json"): text for name, text in texts.items()})
    for err in wrong.values():
        raise err
    wanted = str(said[_PROFILE])
    if wanted not in (AUTO, *known):
        raise NoSuchProfileError(f"there is no profile {wanted}.json")
    return Choice(
        profiles=known,
        chosen=None if wanted == AUTO else known[wanted],
        groups=frozenset(
            key.removeprefix(_ASSUMED) for key, on in said.items() if key.startswith(_ASSUMED) and on is True
        ),
        documented_writes=said[DOCUMENTED_WRITES] is True,
    )


def declared(choice: Choice) -> dict[DeviceKind, tuple[type[Table], ...]]:
    """Give the tables of the chosen profile, guesses included; of all profiles while none is chosen."""
    found: dict[DeviceKind, list[type[Table]]] = {}
    for profile in (choice.chosen,) if choice.chosen else choice.profiles.values():
        for device, table in tables_of(profile, profile.assumed_groups):
            found.setdefault(DEVICES[device], []).append(table)
    return {kind: tuple(tables) for kind, tables in found.items()}
