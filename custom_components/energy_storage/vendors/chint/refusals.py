"""Why a Chint plant is not told what was asked for, as codes."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a command is not carried out, or a value not written."""

    BY_DEVICE = "refused_by_device"
    CLOCK_UNKNOWN = "clock_unknown"
    """Nobody has said which time the clock on the device shows."""
    GRID_LOST = "grid_lost"
    HALTED = "halted"
    """Home Assistant stops."""
    LINK_LOST = "link_lost"
    NO_BATTERY = "no_battery"
    NO_COMMAND = "no_command"
    """Nobody knows a recipe for that."""
    NO_EFFECT = "no_effect"
    """It was tried on this plant, and nothing came of it."""
    NOT_HELD = "not_held"
    """The device took the write, and reads as before."""
    NOT_READ = "not_read"
    NOT_SUPPORTED = "not_supported"
    NOT_TRIED = "not_tried"
    """A recipe of the owner's own that nobody has seen to work."""
    READ_ONLY = "read_only"
    """Nothing may be written to this plant."""
    SOC_AT_FLOOR = "soc_at_floor"
    SOC_UNKNOWN = "soc_unknown"
    TARGET_REACHED = "target_reached"
    WRITE_BUDGET = "write_budget"
    """So many writes wear a memory out."""
