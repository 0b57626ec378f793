"""Which profile a plant is read with, as its owner says; `auto` leaves it to what the device tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.plant import DeviceKind
from ..driver import BadProfileError, OptionValue, VendorOption
from ..fields import Table
from .loader import profiles
from .profile import Profile
from .rows import DEVICES, tables_of
from .shipped import NAMES

AUTO, OWN = "auto", "own"
_PROFILE = "chint_profile"
_ASSUMED = "chint_assumed"
DOCUMENTED_WRITES = "chint_documented_writes"


OPTIONS = (
    VendorOption(key=_PROFILE, default=AUTO, choices=(AUTO, *NAMES, OWN), at_setup=True),
    VendorOption(key=DOCUMENTED_WRITES, default=False),
    VendorOption(key=_ASSUMED, default=False, expert=True),
)
"""What the owner of a Chint plant may say of it."""


class NoOwnProfileError(BadProfileError):
    """The owner wants his own profile, and there is none, or more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the owner has chosen."""

    profiles: Mapping[str, Profile]
    """All that there are, by name."""
    chosen: Profile | None
    """None: the device has to tell."""
    guesses: bool
    """Whether assumed rows are to be read."""
    documented_writes: bool
    """Recipes may be written that are documented in public and were not yet seen to work here."""


def choice_of(options: Mapping[str, OptionValue], texts: Mapping[str, str]) -> Choice:
    """Take what the owner chose; `texts` are his profiles by file name.

    Raises:
        ProfileError: one of his profiles is wrong.
        NoOwnProfileError: it is not plain which of his profiles he wants.

    """
    said = {row.key: options.get(row.key, row.default) for row in OPTIONS}
    known, wrong = profiles({name.removesuffix(".json"): text for name, text in texts.items()})
    for err in wrong.values():
        raise err
    wanted = str(said[_PROFILE])
    return Choice(
        profiles=known,
        chosen=_own(known) if wanted == OWN else known.get(wanted),
        guesses=said[_ASSUMED] is True,
        documented_writes=said[DOCUMENTED_WRITES] is True,
    )


def _own(known: Mapping[str, Profile]) -> Profile:
    own = [profile for name, profile in known.items() if name not in NAMES]
    if len(own) != 1:
        names = ", ".join(profile.key for profile in own) or "none"
        raise NoOwnProfileError(f"one profile of your own is needed beside ours, there is: {names}")
    return own[0]


def declared(choice: Choice) -> dict[DeviceKind, tuple[type[Table], ...]]:
    """Give the tables of the chosen profile, guesses included; of all profiles while none is chosen."""
    found: dict[DeviceKind, list[type[Table]]] = {}
    for profile in (choice.chosen,) if choice.chosen else choice.profiles.values():
        for device, table in tables_of(profile, guesses=True):
            found.setdefault(DEVICES[device], []).append(table)
    return {kind: tuple(tables) for kind, tables in found.items()}
