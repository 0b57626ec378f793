"""The alarms of a simulated Chint plant: which bit each trouble sets, and when it came and went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .chint_map import ECH, Profile

type Level = Literal["urgent", "important", "common", "prompt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmBit:
    """Where a trouble is shown, and what the maker calls it."""

    register: str
    bit: int
    code: str
    level: Level


@dataclass(slots=True, kw_only=True)
class Alarm:
    """One trouble with its times, UTC; `recovered` is None while it occurs."""

    trouble: str
    bit: AlarmBit
    occurred: datetime
    recovered: datetime | None = None

    @property
    def status(self) -> Literal["Occurring", "Recovered"]:
        """What the maker's list says."""
        return "Occurring" if self.recovered is None else "Recovered"


def _bit(register: str, bit: int, code: str, level: Level) -> AlarmBit:
    return AlarmBit(register=register, bit=bit, code=code, level=level)


_ECH_BITS: Mapping[str, AlarmBit] = {
    "bms_loss": _bit("fault3_bits", 0, "Fault0201", "important"),
    "undervoltage": _bit("fault0_bits", 1, "Protect0080", "important"),
    "underfrequency": _bit("fault1_bits", 14, "Protect0110", "important"),
    "utility_loss": _bit("fault1_bits", 12, "Protect0120", "important"),
    "low_soc": _bit("warning_bits", 4, "Warn0040", "common"),
    "low_battery_voltage": _bit("warning_bits", 7, "Warn0070", "common"),
    "meter_loss": _bit("warning_bits", 2, "CommErr", "important"),
}
"""The codes are the manual's, the bits assumed; the meter's is that of a string inverter."""
_STRING_BITS: Mapping[str, AlarmBit] = {
    "undervoltage": _bit("fault0_bits", 8, "grid phase voltage", "important"),
    "underfrequency": _bit("fault0_bits", 11, "grid frequency low", "important"),
    "utility_loss": _bit("fault0_bits", 7, "grid line voltage", "important"),
}
_SCE_BITS: Mapping[str, AlarmBit] = {
    "bms_loss": _bit("batt_fault_word", 8, "no BMS communication", "important"),
    "undervoltage": _bit("fault_word_2", 1, "grid undervoltage", "important"),
    "underfrequency": _bit("fault_word_2", 4, "underfrequency", "important"),
    "utility_loss": _bit("fault_word_2", 2, "grid absent", "important"),
    "low_battery_voltage": _bit("batt_fault_word", 2, "undervoltage", "important"),
    "meter_loss": _bit("fault_word_3", 6, "meter lost", "important"),
}
"""Levels are ours [assumed]."""
_UNKNOWN_REGISTER: Mapping[Profile, str] = {
    "ech_s": "fault4_bits",
    "ech_th": "fault4_bits",
    "cps_403x": "fault4_bits",
    "sce": "fault_word_3",
}


class AlarmLog:
    """What occurs now and what has recovered."""

    def __init__(self, profile: Profile) -> None:
        """Start without alarms."""
        if profile in ECH:
            self._bits = _ECH_BITS
        else:
            self._bits = _SCE_BITS if profile == "sce" else _STRING_BITS
        self._unknown = _UNKNOWN_REGISTER[profile]
        self.entries: list[Alarm] = []

    def update(self, now: datetime, troubles: Iterable[str], unknown_bit: int | None = None) -> None:
        """Note what has come and gone; a trouble that this profile does not show is not noted."""
        present = {trouble: self._bits[trouble] for trouble in troubles if trouble in self._bits}
        if unknown_bit is not None:
            present["unknown_alarm"] = _bit(self._unknown, unknown_bit, "", "prompt")
        for alarm in self.occurring:
            if present.pop(alarm.trouble, None) is None:
                alarm.recovered = now
        self.entries += [Alarm(trouble=trouble, bit=bit, occurred=now) for trouble, bit in present.items()]

    @property
    def occurring(self) -> tuple[Alarm, ...]:
        """What has not recovered."""
        return tuple(alarm for alarm in self.entries if alarm.recovered is None)

    def word(self, register: str) -> int:
        """Return the bits that are set in a register."""
        return sum(1 << alarm.bit.bit for alarm in self.occurring if alarm.bit.register == register)
