"""What a measurement is asked for and what it gives."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol


class BenchmarkError(Exception):
    """Nothing could be measured; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says."""

    hours: int
    """How much of a day `rows` lets pass."""
    delays_ms: tuple[int, ...]
    """Time that `link` adds to each request and its answer together."""
    spacings_s: tuple[float, ...]
    """Pauses that `link` keeps between two requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    """It should be no more than this."""
    note: str = ""
    """What belongs to the number, for example what took so long."""


class Measure(Protocol):
    """One part of the benchmarks."""

    def __call__(self, options: Options) -> Awaitable[Sequence[Figure]]:
        """Measure; takes seconds to minutes."""


def table(part: str, figures: Sequence[Figure]) -> str:
    """Lay out the figures of one part for people."""
    width = max((len(figure.name) for figure in figures), default=0)
    return "\n".join([f"{part}:", *(f"  {_line(figure, width)}".rstrip() for figure in figures)])


def _line(figure: Figure, width: int) -> str:
    goal = "" if figure.goal is None else f"(goal: at most {figure.goal:g}) "
    return f"{figure.name:{width}}  {figure.value:>8.4g} {figure.unit:<8} {goal}{figure.note}"
