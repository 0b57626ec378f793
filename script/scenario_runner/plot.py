"""Draws powers and SOC over time into a PNG; nothing but the standard library."""

from collections.abc import Callable, Mapping
import struct
from typing import Final
import zlib

from .scenario import Scenario
from .trace import Sample, Trace

_WIDTH: Final = 1200
_HEIGHT: Final = 560
_LEFT, _RIGHT, _TOP, _POWER, _GAP, _SOC = 60, 20, 24, 340, 30, 120
type Colour = tuple[int, int, int]
_BLACK, _GREY = (60, 60, 60), (220, 220, 220)
_LINES: Mapping[str, tuple[Colour, Callable[[Sample], float]]] = {
    "LOAD": ((120, 120, 120), lambda s: s.load_w),
    "PV": ((230, 160, 0), lambda s: s.pv_w),
    "BATTERY": ((0, 140, 70), lambda s: s.battery_w),
    "GRID": ((200, 40, 40), lambda s: s.grid_w),
}
_SOC_COLOUR = (30, 90, 200)
_FONT: Mapping[str, tuple[int, ...]] = {
    "0": (7, 5, 5, 5, 7), "1": (2, 6, 2, 2, 7), "2": (7, 1, 7, 4, 7), "3": (7, 1, 7, 1, 7),
    "4": (5, 5, 7, 1, 1), "5": (7, 4, 7, 1, 7), "6": (7, 4, 7, 5, 7), "7": (7, 1, 1, 1, 1),
    "8": (7, 5, 7, 5, 7), "9": (7, 5, 7, 1, 7), "-": (0, 0, 7, 0, 0), ":": (0, 2, 0, 2, 0),
    "%": (5, 1, 2, 4, 5), "A": (7, 5, 7, 5, 5), "B": (6, 5, 6, 5, 6), "C": (7, 4, 4, 4, 7),
    "D": (6, 5, 5, 5, 6), "E": (7, 4, 6, 4, 7), "G": (7, 4, 5, 5, 7), "I": (7, 2, 2, 2, 7),
    "L": (4, 4, 4, 4, 7), "O": (7, 5, 5, 5, 7), "P": (7, 5, 7, 4, 4), "R": (6, 5, 6, 5, 5),
    "S": (7, 4, 7, 1, 7), "T": (7, 2, 2, 2, 2), "V": (5, 5, 5, 5, 2), "W": (5, 5, 7, 7, 5),
    "Y": (5, 5, 2, 2, 2), " ": (0, 0, 0, 0, 0),
}  # fmt: skip
"""Rows of three dots."""


class _Canvas:
    def __init__(self) -> None:
        self.rows = [bytearray(b"\xff" * 3 * _WIDTH) for _ in range(_HEIGHT)]

    def dot(self, x: int, y: int, colour: Colour) -> None:
        if 0 <= x < _WIDTH and 0 <= y < _HEIGHT:
            self.rows[y][3 * x : 3 * x + 3] = bytes(colour)

    def down(self, x: int, y: int, end: int, colour: Colour) -> None:
        """Draw a vertical stroke."""
        for each in range(min(y, end), max(y, end) + 1):
            self.dot(x, each, colour)

    def across(self, y: int, colour: Colour) -> None:
        for x in range(_LEFT, _WIDTH - _RIGHT):
            self.dot(x, y, colour)

    def text(self, x: int, y: int, text: str, colour: Colour) -> None:
        for number, letter in enumerate(text):
            for row, bits in enumerate(_FONT.get(letter, _FONT[" "])):
                for column in range(3):
                    if bits >> (2 - column) & 1:
                        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                            self.dot(x + 8 * number + 2 * column + dx, y + 2 * row + dy, colour)

    def png(self) -> bytes:
        raw = b"".join(b"\0" + row for row in self.rows)
        head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 6)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(scenario: Scenario, trace: Trace) -> bytes:
    """Draw the whole story."""
    canvas, samples, columns = _Canvas(), trace.samples, _WIDTH - _LEFT - _RIGHT
    start_s, length_s = scenario.clock.start_s, scenario.end_s - scenario.clock.start_s
    values = [value(s) for s in samples for _, value in _LINES.values()]
    high, low = max([1_000.0, *values]), min([0.0, *values])

    def y_of(watts: float) -> int:
        return _TOP + round((high - watts) / (high - low) * _POWER)

    def soc_y(pct: float) -> int:
        return _TOP + _POWER + _GAP + round((100 - pct) / 100 * _SOC)

    step = 1_000 * max(1, round((high - low) / 8_000))
    for watts in range(round(low / step) * step, round(high) + 1, step):
        canvas.across(y_of(watts), _GREY if watts else _BLACK)
        canvas.text(4, y_of(watts) - 5, f"{watts:6d}", _BLACK)
    for pct in (0, 50, 100):
        canvas.across(soc_y(pct), _GREY)
        canvas.text(4, soc_y(pct) - 5, f"{pct:4d} %", _BLACK)
    for share in range(9):
        x = _LEFT + round(share / 8 * columns)
        canvas.down(x, _TOP, _TOP + _POWER + _GAP + _SOC, _GREY)
        clock = scenario.clock.text(start_s + share / 8 * length_s)[6:11]
        canvas.text(min(x - 18, _WIDTH - 44), _HEIGHT - 24, clock, _BLACK)
    last: dict[str, int] = {}
    for sample in samples:
        x = _LEFT + int((sample.at_s - start_s) / length_s * columns)
        drawn = [(name, colour, y_of(value(sample))) for name, (colour, value) in _LINES.items()]
        for name, colour, y in (*drawn, ("SOC", _SOC_COLOUR, soc_y(sample.soc_pct))):
            canvas.down(x, last.get(name, y), y, colour)
            last[name] = y
    for number, (name, (colour, _)) in enumerate(_LINES.items()):
        canvas.text(_LEFT + 110 * number, 6, name, colour)
    canvas.text(_LEFT + 440, 6, "SOC", _SOC_COLOUR)
    return canvas.png()
