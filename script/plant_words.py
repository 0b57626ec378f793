"""Why something was not done, in plain sentences: the codes of `CommandRefusedError` and `Applied`."""

from collections.abc import Mapping

from custom_components.energy_storage.engine.command import Ability, Ends, OutageSafe, Unattended
from custom_components.energy_storage.engine.plant import Ownership

SOMEONE_ELSE = "someone_else_controls"
NO_COMMANDS = "no_commands"
_LATER = "Some of what was found can only be given back later"


class NotDoneError(Exception):
    """Nothing was done; the sentence says why."""


SENTENCES: Mapping[str, str] = {
    "below_minimum": "That is less than the charger can be limited to; stop it instead.",
    "firmware_too_old": "The firmware is too old for this command.",
    "grid_lost": "The grid is lost, and this command might leave the house dark.",
    "halted": "It was interrupted; nothing more was sent.",
    "hold_unproven": "Nothing proves that this plant can hold its battery: it shows no gateway, and its"
    " limits do not act in every mode.",
    "later": f"{_LATER}: it was left out of a short release.",
    "limits_not_global": "On this firmware charge and discharge limits do not act in every mode.",
    "link_lost": "The plant stopped answering; what was sent last may have been done or not.",
    "locked_control_on": "The plant holds a command, and control sets this register: release it first.",
    "locked_grid_code": "It is locked: it decides how the plant behaves towards the grid, which is the"
    " installer's business.",
    "locked_missing": "The device does not have this register.",
    "locked_never": "It is locked: what resets, updates or reconfigures a device is never written from here.",
    "locked_no_read_back": "It is locked: it cannot be read back, so nobody could tell what became of it.",
    "locked_owned": "It is locked: limits, modes and remote control are set by apply and release alone.",
    "locked_power_switch": "It is locked: it switches a whole device off, until somebody switches it on.",
    "locked_range_unknown": "Nobody knows what this register may hold.",
    "locked_read_only": "This register cannot be written.",
    "locked_unproven": "It is locked: nobody has proved yet what writing it does.",
    "load_unknown": "Nobody knows what the house takes.",
    "needs_fresh_soc": "The battery level is too old, or the plant's clock stands still.",
    "no_battery": "The plant has no battery.",
    "no_command": "This maker has no such command.",
    NO_COMMANDS: "Nothing is known that may be written to this plant.",
    "no_effect": "It was tried on this plant and had no effect.",
    "no_snapshot": "Nobody knows what the plant held before it was taken over: release it first, or name the"
    " limit with --limits.",
    "not_held": "The plant answered and did not keep what was written.",
    "not_read": "The plant does not say what it holds, and what was not read is not changed.",
    "not_supported": "The plant or this device has no such thing.",
    "other_master": "A power plant operator runs the plant; we do not interfere.",
    "pv_limit_zero": "The plant stores a PV limit of 0, which would stop the sun: lift it first, in Home"
    " Assistant or in the maker's app.",
    "ratings_unknown": "The plant does not say what it can bear.",
    "refused_by_device": "The plant refused it.",
    "remote_not_in_force": "Remote control was switched on and has not come into force.",
    "soc_at_floor": "The battery is already at the floor of this command.",
    "soc_too_low": "The battery is too low for it: a cut-off above its level would charge it from the grid.",
    "soc_unknown": "Nobody knows how full the battery is.",
    SOMEONE_ELSE: "Somebody else controls the plant, or changed what we had written: --take-over takes it.",
    "stored_mode_unsafe": "The plant stores a control mode that knows no bounds and takes another only when"
    " it is too late.",
    "target_reached": "The battery is already as full as that.",
    "value_unknown": f"{_LATER}: nobody knows what it was.",
    "clock_unknown": "Nobody knows which time the clock of the plant shows.",
    "not_tried": "Nobody has seen this recipe work yet; the commissioning check in Home Assistant tries it.",
    "read_only": "Nothing may be written to this plant: no recipe is known, or --option"
    " chint_documented_writes=on is missing.",
    "write_budget": "Too much was written to this plant today already; its memory wears out.",
}
"""One for every code."""

OWNERS: Mapping[Ownership, str] = {
    Ownership.FREE: "running its own program",
    Ownership.OURS: "under our control",
    Ownership.FOREIGN: "controlled by somebody else",
    Ownership.OTHER_MASTER: "controlled by a power plant operator",
}

_ENDS: Mapping[Ends, str] = {
    Ends.SOC: "it ends by itself at a battery level",
    Ends.TIME: "it ends by itself after its time",
    Ends.NONE: "nothing ends it but a release",
}
_UNATTENDED: Mapping[Unattended, str] = {
    Unattended.SAFE: "nothing is at stake",
    Unattended.COSTLY: "money may be lost, at most one full charge or discharge",
    Unattended.UNSAFE: "a limit of the installation may be passed",
}
_OUTAGE: Mapping[OutageSafe, str] = {
    OutageSafe.YES: "an outage is still served",
    OutageSafe.NO: "an outage is not served",
    OutageSafe.UNKNOWN: "nobody knows whether an outage is still served",
}


def sentence(code: str | None) -> str:
    """Say what a code means."""
    return SENTENCES.get(code or "", "It is not known why.")


def left_alone(ability: Ability) -> str:
    """Say what happens when nobody looks after a command any more."""
    parts = (_ENDS[ability.ends], _UNATTENDED[ability.unattended], _OUTAGE[ability.outage_safe])
    return f"{ability.unattended}: {'; '.join(parts)}"


def needs_consent(ability: Ability) -> bool:
    """Tell whether a person must say that a command may be left alone, as it is once a program has ended."""
    return ability.unattended is Unattended.UNSAFE or ability.outage_safe is not OutageSafe.YES
