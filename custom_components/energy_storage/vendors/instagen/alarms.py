"""What the fault bits of an Instagen plant mean, as far as anybody has published it.

Source: our protocol facts, section 4. The list is that of a later generation of the maker's inverters; that
it holds for this one too is not proven, so each text says where it comes from. Levels are our own reading:
the maker publishes none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...engine.plant import Alarm, AlarmLevel

_BITS = 32
_GENERAL = AlarmLevel.GENERAL
_HEARSAY = "{} (as on the G3 series)"

MEANINGS: Mapping[str, Mapping[int, str]] = {
    "power_stage": {
        0: "Inverter shut down",
        1: "Hardware protection",
        2: "Comparator fault",
        3: "Internal SPI fault",
        4: "No connection to the second processor",
        5: "Measurement offset wrong",
        6: "Fast overcurrent protection",
        7: "Memory fault",
        8: "PV fault",
        9: "Battery fault",
        10: "Auxiliary supply fault",
        11: "Grid relay fault",
        12: "DC bus fault",
        13: "Fan fault",
        14: "Inverter type does not match",
        15: "Software versions do not match",
        16: "Wiring fault",
        17: "PV voltage above the DC bus",
        18: "Driver fault",
        19: "Inverter too hot or too cold",
        20: "Backup relay fault",
        21: "Battery energy low",
        22: "Backup voltage wrong",
        23: "Backup output overloaded",
        24: "Generator fault",
        25: "Generator overloaded",
        26: "Meter wired wrongly",
        27: "No messages on the CAN bus",
        28: "Synchronisation failed",
        29: "Grid frequency not followed",
        30: "Grid voltage wrong",
    },
    "safety": {
        0: "Grid voltage too high",
        1: "Grid voltage too low",
        2: "Grid voltage too high for ten minutes",
        3: "Grid frequency too high",
        4: "Grid frequency too low",
        5: "Grid frequency changes too fast",
        6: "Waiting to reconnect",
        7: "Grid lost",
        8: "Neutral open",
        9: "Phase shorted to earth",
        10: "Neutral shorted to earth",
        13: "Self-test of the arc detector failed",
        14: "Arc fault",
        15: "Insulation resistance too low",
        16: "Self-test of the leakage detector failed",
        17: "Leakage current too high",
        18: "Grid relay fault",
        24: "DC part of the off-grid output too high",
        25: "DC part of the grid current too high",
        28: "Too cold",
        29: "Too hot",
    },
    "battery": {
        0: "Cell voltage too low",
        1: "Cell voltage too high",
        2: "Battery voltage too low while discharging",
        3: "Battery voltage too high while charging",
        4: "Battery temperature out of range (1)",
        5: "Battery temperature out of range (2)",
        6: "Battery temperature out of range (3)",
        7: "Battery temperature out of range (4)",
        8: "High-voltage input too high",
    },
}
"""Word → bit → what it means."""

_HARMLESS = {("power_stage", 21), ("power_stage", 26), ("safety", 6)}
"""The plant goes on working, or will by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWord:
    """A word of fault bits as a device gave it; None while it is not known."""

    device: str
    word: str
    bits: int | None

    def alarms(self) -> Iterator[tuple[str, str, AlarmLevel]]:
        """Give code, text and level of each bit that is set, also of those that nobody has described."""
        for bit in range(_BITS):
            if (self.bits or 0) >> bit & 1:
                meaning = MEANINGS[self.word].get(bit)
                text = f"Unknown bit {bit}" if meaning is None else _HEARSAY.format(meaning)
                yield f"{self.word}_bit_{bit}", text, _level(self.word, bit)


def _level(word: str, bit: int) -> AlarmLevel:
    if bit not in MEANINGS[word]:
        return AlarmLevel.UNKNOWN
    return _GENERAL if (word, bit) in _HARMLESS else AlarmLevel.CRITICAL


class AlarmLog:
    """Remembers since when each alarm is there."""

    def __init__(self) -> None:
        """Begin without alarms."""
        self._alarms: dict[tuple[str, str], dict[str, Alarm]] = {}

    def update(self, words: Iterable[FaultWord], now: datetime) -> tuple[Alarm, ...]:
        """Turn what the devices say now into alarms; a word that is not known keeps its own."""
        for word in words:
            if word.bits is None:
                continue
            before = self._alarms.get((word.device, word.word), {})
            self._alarms[word.device, word.word] = {
                code: before.get(code)
                or Alarm(device=word.device, code=code, text=text, level=level, since=now)
                for code, text, level in word.alarms()
            }
        return tuple(alarm for known in self._alarms.values() for alarm in known.values())
