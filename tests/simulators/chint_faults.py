"""What can go wrong inside a simulated Chint plant, besides what can go wrong on the wire."""

from collections.abc import Mapping

from .bus_wire import BUS_FAULTS
from .faults import FaultKind, Faults
from .register_map import Row
from .word_space import unset

CHINT_FAULTS: Mapping[str, FaultKind] = {
    **BUS_FAULTS,
    "exception_storm": FaultKind("every request is answered as busy for VALUE seconds", 10, ends=True),
    "low_word_only": FaultKind("of every 32-bit power only the low word is served, the high word is VALUE"),
    "swapped_words": FaultKind("32-bit numbers come with the low word first"),
    "sentinels": FaultKind("the measured value at address VALUE (0: each) reads as not implemented"),
    "counters_zero": FaultKind("every energy counter reads 0 for VALUE seconds", 5, ends=True),
    "frozen_values": FaultKind("answers go on, with the values and the clock of the moment it began"),
    "ignored_writes": FaultKind(
        "writes to the register with address VALUE (0: all of them) are answered and not executed"
    ),
    "refused_address": FaultKind("writes to the register with address VALUE are refused"),
    "not_obeyed": FaultKind("settings are kept and read back, and the plant goes on as before"),
    "wrong_clock": FaultKind("the device's own clock is VALUE seconds ahead", 7_200),
    "owner_changes_mode": FaultKind("the owner sets the running mode to VALUE in the app", 0),
    "autotest_fails": FaultKind("step VALUE (0 to 7) of the Italian self test trips too late"),
    "bms_loss": FaultKind("the battery management system does not answer"),
    "undervoltage": FaultKind("the grid falls to VALUE volts, the inverter lets go of it", 175),
    "underfrequency": FaultKind("the grid falls to VALUE hertz, the inverter lets go of it", 47.2),
    "utility_loss": FaultKind("the grid is gone"),
    "low_soc": FaultKind("the battery is at VALUE %", 4),
    "low_battery_voltage": FaultKind("the battery sags, and gives nothing any more"),
    "meter_loss": FaultKind("the meter at the grid does not answer the inverter"),
    "unknown_alarm": FaultKind("bit VALUE of an alarm word is set, of which nobody knows the meaning", 9),
}

POWERS = ("W", "W (assumed)")


def spoil(faults: Faults, row: Row, words: tuple[int, ...]) -> tuple[int, ...]:
    """Change what a measured register shows, as the faults say."""
    if "counters_zero" in faults and row.unit in ("kWh", "Wh"):
        words = (0,) * row.count
    if (fault := faults.get("sentinels")) and fault.value in (0, row.address):
        words = unset(row)
    if (fault := faults.get("low_word_only")) and row.count == 2 and row.unit in POWERS:
        words = (int(fault.value), words[1])
    if "swapped_words" in faults and row.count == 2 and row.data_type in ("S32", "U32"):
        words = words[::-1]
    return words
