"""What the alarm bits of Sigen devices mean. Source: Sigenergy Modbus documents V1.7 to V2.9, appendices."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...engine.plant import Alarm, AlarmLevel


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one bit stands for."""

    code: str
    text: str
    level: AlarmLevel = AlarmLevel.CRITICAL


_GENERAL = AlarmLevel.GENERAL
_UNKNOWN = AlarmLevel.UNKNOWN

MEANINGS: Mapping[str, Mapping[int, Meaning]] = {
    "pcs_1": {
        0: Meaning("1001", "Software versions do not match"),
        1: Meaning("1002", "Insulation resistance too low"),
        2: Meaning("1003", "Inverter too hot"),
        3: Meaning("1004", "Inverter fault"),
        4: Meaning("1005", "Grounding fault", _GENERAL),
        5: Meaning("1006", "PV string voltage too high"),
        6: Meaning("1007", "PV string polarity reversed"),
        7: Meaning("1008", "Reverse current into a PV string"),
        8: Meaning("1009", "Arc fault"),
        9: Meaning("1010", "Grid outage"),
        10: Meaning("1011", "Grid voltage too high"),
        11: Meaning("1012", "Grid voltage too low"),
        12: Meaning("1013", "Grid frequency too high"),
        13: Meaning("1014", "Grid frequency too low"),
        14: Meaning("1015", "Grid voltage unbalanced"),
        15: Meaning("1016", "DC part of the output current too high"),
    },
    "pcs_2": {
        0: Meaning("1017", "Leakage current too high"),
        1: Meaning("1018", "Internal communication fault", _GENERAL),
        2: Meaning("1019", "Internal protection of the inverter"),
        3: Meaning("1020", "Self-test of the arc detector failed"),
        4: Meaning("1021", "Off-grid protection"),
        5: Meaning("1022", "Manual operation protection"),
        7: Meaning("1024", "Phase sequence wrong"),
        8: Meaning("1025", "Short circuit to earth"),
        9: Meaning("1026", "Soft start failed"),
    },
    "ess": {
        0: Meaning("2001", "Battery software versions do not match"),
        1: Meaning("2002", "Battery insulation resistance too low", _GENERAL),
        2: Meaning("2003", "Battery too hot"),
        3: Meaning("2004", "Battery fault"),
        4: Meaning("2005", "Battery too cold"),
        5: Meaning("2008", "Internal protection of the battery"),
        6: Meaning("2009", "Thermal runaway of the battery"),
    },
    "gateway": {
        0: Meaning("3001", "Gateway software versions do not match"),
        1: Meaning("3002", "Gateway too hot"),
        2: Meaning("3003", "Gateway fault"),
        3: Meaning("3004", "Leakage current while off-grid"),
        4: Meaning("3005", "Neutral grounding fault"),
        5: Meaning("3006", "Phase sequence wrong on the grid side"),
        6: Meaning("3007", "Phase sequence wrong on the inverter side"),
        7: Meaning("3008", "Phase missing"),
    },
    "dc_charger": {
        0: Meaning("5101", "DC charger software versions do not match"),
        1: Meaning("5102", "DC charger insulation resistance too low"),
        2: Meaning("5103", "DC charger too hot"),
        3: Meaning("5104", "DC charger fault"),
        4: Meaning("5105", "DC charging fault"),
        5: Meaning("5106", "Protection of the DC charger"),
    },
    "plant_1": {
        0: Meaning("plant_1_bit_0", "No connection to the gateway", _UNKNOWN),
        1: Meaning("plant_1_bit_1", "No connection to the meter", _UNKNOWN),
        2: Meaning("plant_1_bit_2", "No connection to the AC power sensor", _UNKNOWN),
        6: Meaning("plant_1_bit_6", "Hard stop: the feed-in limit was exceeded", _UNKNOWN),
        8: Meaning("plant_1_bit_8", "The generator did not start", _UNKNOWN),
        10: Meaning("plant_1_bit_10", "Fault of the grid operator's control box", _UNKNOWN),
    },
    "plant_2": {
        0: Meaning("plant_2_bit_0", "Earth-fault relay (OVGR)", _UNKNOWN),
        1: Meaning("plant_2_bit_1", "Reverse power relay (RPR)", _UNKNOWN),
    },
    "ac_charger_1": {
        0: Meaning("5001_1", "Grid voltage too high"),
        1: Meaning("5001_2", "Grid voltage too low"),
        2: Meaning("5001_3", "Charger overload"),
        3: Meaning("5001_4", "Short circuit"),
        4: Meaning("5001_5", "Output current too high"),
        5: Meaning("5001_6", "Leakage current too high"),
        6: Meaning("5001_7", "Grounding fault"),
        7: Meaning("5001_8", "Phase sequence wrong"),
        8: Meaning("5001_9", "PEN conductor fault"),
    },
    "ac_charger_2": {
        0: Meaning("5002_1", "Leakage detector fault"),
        1: Meaning("5002_2", "Relay stuck"),
        2: Meaning("5002_3", "Pilot circuit fault"),
        3: Meaning("5002_4", "Auxiliary supply fault"),
        4: Meaning("5002_5", "Plug lock fault"),
        5: Meaning("5002_6", "No connection to the lamp panel", _GENERAL),
    },
    "ac_charger_3": {
        0: Meaning("5003", "Charger too hot inside"),
        1: Meaning("5004", "Charging cable fault"),
        2: Meaning("5005", "No connection to the charger's meter", _GENERAL),
    },
}
"""Word → bit → meaning. The maker publishes no codes and levels for the two plant words."""


MERGED_WORDS = frozenset({"pcs_1", "pcs_2", "ess", "gateway", "dc_charger"})
"""Words of the plant that are the OR of what its inverters say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordReading:
    """An alarm word as a device gave it."""

    device: str
    word: str
    bits: int
    read_at: float
    """Seconds of a clock that never jumps."""
    merged: bool = False
    """It is the OR of what the other devices say in a word of the same name."""

    def each(self) -> Iterator[tuple[int, Meaning]]:
        """Give each bit that is set, also those that nobody has described."""
        for bit in range(16):
            if self.bits >> bit & 1:
                unknown = Meaning(f"{self.word}_bit_{bit}", f"Unknown bit {bit}", _UNKNOWN)
                yield bit, MEANINGS[self.word].get(bit, unknown)


class AlarmLog:
    """Remembers since when each alarm is there, and reports none of them twice."""

    def __init__(self) -> None:
        """Begin without alarms."""
        self._since: dict[tuple[str, str], datetime] = {}
        self._merged_since: dict[tuple[str, int], float] = {}

    def update(self, words: Iterable[WordReading], now: datetime) -> tuple[Alarm, ...]:
        """Turn what the devices say now into alarms."""
        words = tuple(words)
        self._note_merged(words)
        found = {
            (word.device, meaning.code): meaning
            for word in words
            for bit, meaning in word.each()
            if not word.merged or self._stands_alone(word, bit, words)
        }
        asked = {(word.device, word.word) for word in words}
        self._since = {
            key: since
            for key, since in self._since.items()
            if key in found or not any(_belongs(key, device, name) for device, name in asked)
        } | {key: self._since.get(key, now) for key in found}
        return tuple(
            Alarm(device=device, code=code, text=m.text, level=m.level, since=self._since[device, code])
            for (device, code), m in found.items()
        )

    def _note_merged(self, words: Iterable[WordReading]) -> None:
        seen = {(w.word, bit): w.read_at for w in words if w.merged for bit, _ in w.each()}
        self._merged_since = {key: self._merged_since.get(key, at) for key, at in seen.items()}

    def _stands_alone(self, word: WordReading, bit: int, words: Iterable[WordReading]) -> bool:
        """Tell whether no other device can be the one that reports this bit.

        Each was asked after the bit appeared, does not have it, and the bit was still there afterwards.
        """
        return all(
            not other.bits >> bit & 1 and self._merged_since[word.word, bit] < other.read_at <= word.read_at
            for other in words
            if other.word == word.word and not other.merged
        )


def _belongs(key: tuple[str, str], device: str, word: str) -> bool:
    codes = {meaning.code for meaning in MEANINGS[word].values()}
    return key[0] == device and (key[1] in codes or key[1].startswith(f"{word}_bit_"))
