"""The settings of a simulated Chint plant: what it holds, and what it refuses."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pymodbus.constants import ExcCodes

from .chint_map import Profile, bounds, is_time, listed
from .register_map import RefusedError, Row
from .word_space import Space

_ECH_START: Mapping[str, float] = {
    "power_on_off": 0xAAAA,
    "active_power_set": 100.0,
    "running_mode": 1,
    "FeedbackGridPower": 12.0,
    "BatFromGridPower": 3.0,
    "batt_min_soc_on_grid": 10,
    "batt_min_soc_off_grid": 5,
    "tou_base_mode_count": 1,
    "smart_load_mode": 1,
    "smart_load_on_soc": 80,
    "smart_load_off_soc": 50,
    "smart_load_on_export": 1_500,
    "smart_load_off_export": 200,
    "smart_load_rated_power": 1_500,
}
_STRING_START: Mapping[str, float] = {
    "power_on_off": 0xAAAA,
    "active_power_set": 100.0,
    "power_factor_set": 1.0,
    "active_power_set_local": 100.0,
    "active_power_set_remote_alt": 100.0,
}
_START: Mapping[Profile, Mapping[str, float]] = {
    "ech_s": _ECH_START,
    "ech_th": _ECH_START,
    "cps_403x": _STRING_START,
    "sce": {},
}
"""What a new plant holds [assumed]; everything else that can be written is 0."""
_TOU_DEFAULT_MODE = 1
_UNNAMED_WORK_MODES = (1, 2)
"""`sce`: codes that exist and that no source names."""
_CLOCK = ("year", "month", "day", "hour", "minute", "second")


class Settings:
    """The words that can be written, and the clock that runs among them."""

    def __init__(self, profile: Profile, space: Space, clock_offset_s: float) -> None:
        """Hold what a new plant holds."""
        self.space: Final = space
        self.clock_offset_s = clock_offset_s
        self._words: dict[int, int] = {}
        for name, value in _START[profile].items():
            self.set(name, value)
        if "tou_base_modes" in space.rows:
            self._words[space.rows["tou_base_modes"].address] = _TOU_DEFAULT_MODE

    def words(self, row: Row, now: datetime) -> tuple[int, ...]:
        """Return what a row holds; `now` is the device's own time."""
        if row.name.startswith("rtc_"):
            return (getattr(now, row.name.removeprefix("rtc_")),)
        return tuple(self._words.get(row.address + place, 0) for place in range(row.count))

    def number(self, name: str) -> float:
        """Return a setting in the table's unit."""
        row = self.space.rows[name]
        value = row.decode([self._words.get(row.address, 0)])
        return 0.0 if isinstance(value, str) else value

    def record(self, name: str) -> list[int]:
        """Return the words of a table of the device."""
        row = self.space.rows[name]
        return [self._words.get(row.address + place, 0) for place in range(row.count)]

    def set(self, name: str, value: float) -> None:
        """Set a one-word setting in the table's unit."""
        row = self.space.rows[name]
        self._words[row.address] = row.encode(value)[0]

    def check(self, row: Row, address: int, word: int, now: datetime) -> None:
        """Refuse a word that the device does not take."""
        if row.count == 1 and not self._allowed(row, word, now):
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        if row.name == "tou_base_modes" and (address - row.address) % 32 == 0 and word not in (0, 1, 2):
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)

    def _allowed(self, row: Row, word: int, now: datetime) -> bool:
        if is_time(row):
            return word >> 8 < 24 and word & 0xFF < 60
        if row.name.startswith("rtc_"):
            return _moved(now, row.name, word) is not None
        return self._listed(row, word) and self._within(row, word)

    def _listed(self, row: Row, word: int) -> bool:
        codes = listed(row)
        if row.name == "hybrid_work_mode":
            codes = (*codes, *_UNNAMED_WORK_MODES)
        if row.name == "time_slot1_repeat":
            codes = (0, *codes)
        return not codes or word in codes

    def _within(self, row: Row, word: int) -> bool:
        value = row.decode((word,))
        if isinstance(value, str):
            return False
        if row.name == "smart_load_off_soc" and value >= self.number("smart_load_on_soc"):
            return False
        if row.name == "autotest_command" and word and not self.number("autotest_agreement"):
            return False
        limits = bounds(row)
        return limits is None or limits[0] <= value <= limits[1]

    def store(self, row: Row, address: int, word: int, now: datetime) -> None:
        """Keep a word, or set the clock by it."""
        if not row.name.startswith("rtc_"):
            self._words[address] = word
        elif (moved := _moved(now, row.name, word)) is not None:
            self.clock_offset_s += (moved - now).total_seconds()

    def saved(self) -> dict[str, int]:
        """Return every word that was written, by address."""
        return {f"{address:#06x}": word for address, word in self._words.items()}

    def restore(self, words: Mapping[str, int]) -> None:
        """Hold what was saved."""
        self._words = {int(address, 16): word for address, word in words.items()}


def in_window(start: int, end: int, now: datetime) -> bool:
    """Tell whether a moment lies in a window of packed times; equal ones are never [assumed]."""
    first, last = (timedelta(hours=word >> 8, minutes=word & 0xFF) for word in (start, end))
    moment = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    if first <= last:
        return first <= moment < last
    return moment >= first or moment < last


def _moved(now: datetime, name: str, word: int) -> datetime | None:
    """Return the clock with one part set, None where that makes no time."""
    parts = {part: getattr(now, part) for part in _CLOCK} | {name.removeprefix("rtc_"): word}
    try:
        return datetime(**parts, tzinfo=now.tzinfo)
    except ValueError:
        return None
