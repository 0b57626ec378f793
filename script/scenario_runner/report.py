"""What came of a scenario: energies, limits that were passed, expectations, and all of it in words."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from .scenario import Scenario
from .schema import ScenarioError
from .trace import Sample, Trace, Turn

SLACK_W = 50.0
"""What a measurement or the inverter's own standby may be off by."""
_SOC_SLACK_PCT = 0.05
_VOLTAGE_V = 230.0
type Over = Callable[[Sample], float]
"""Watts above a limit, 0 or less where it is kept."""


def energies(samples: Iterable[Sample]) -> dict[str, float]:
    """Add up, in Wh."""
    total = dict.fromkeys(ENERGIES, 0.0)
    imported = exported = charged = discharged = sun = load = filled = sold = 0.0
    for s in samples:
        hours, grid, battery = s.seconds / 3600, s.grid_w, s.battery_w
        sun += s.pv_w * hours
        load += s.load_w * hours
        if grid > 0:
            imported += grid * hours
            if battery < 0:
                filled += min(grid, -battery) * hours
        else:
            exported -= grid * hours
            if battery > 0:
                sold += min(-grid, battery) * hours
        if battery > 0:
            discharged += battery * hours
        else:
            charged -= battery * hours
    values = (imported, exported, charged, discharged, sun, load, filled, sold)
    return {name: round(value, 1) for name, value in zip(total, values, strict=True)}


ENERGIES = (
    "import_wh",
    "export_wh",
    "charge_wh",
    "discharge_wh",
    "pv_wh",
    "load_wh",
    "grid_to_battery_wh",
    "battery_to_grid_wh",
)


def limits_of(scenario: Scenario) -> dict[str, Over]:
    """Say for each limit by how much a sample passes it."""
    fuse_a = scenario.site.main_fuse_a
    fuse_w = float("inf") if fuse_a is None else fuse_a * _VOLTAGE_V

    def imported(s: Sample) -> float:
        limit = s.settings.import_limit_w
        return 0.0 if limit is None else s.grid_w - limit

    def exported(s: Sample) -> float:
        limit = s.settings.export_limit_w
        return 0.0 if limit is None else -s.grid_w - limit

    def fuse(s: Sample) -> float:
        return abs(s.phase_w) - fuse_w

    def fuse_by_battery(s: Sample) -> float:
        worse = s.battery_w < -SLACK_W if s.phase_w > 0 else s.battery_w > SLACK_W
        return abs(s.phase_w) - fuse_w if worse else 0.0

    return {
        "import_over_s": imported,
        "export_over_s": exported,
        "fuse_over_s": fuse,
        "fuse_over_by_battery_s": fuse_by_battery,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How a limit was passed."""

    longest_s: float
    total_s: float
    worst_w: float


def passed(samples: Iterable[Sample], over: Over) -> Passed:
    """Tell how long and how far a limit was passed."""
    longest = total = worst = run = 0.0
    for sample in samples:
        watts = over(sample)
        if watts <= SLACK_W:
            run = 0.0
            continue
        run += sample.seconds
        total += sample.seconds
        longest, worst = max(longest, run), max(worst, watts)
    return Passed(longest_s=round(longest, 1), total_s=round(total, 1), worst_w=round(worst))


# Expectations.


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one expectation."""

    expected: Mapping[str, Any]
    failures: tuple[str, ...]


def registers_wanted(scenario: Scenario) -> tuple[tuple[float, str], ...]:
    """Name what has to be looked at in the plant, and when."""
    wanted: list[tuple[float, str]] = []
    for number, row in enumerate(scenario.expect):
        if "registers" in row:
            if "at" not in row:
                raise ScenarioError(f"expect[{number}].at", None, "required with registers")
            wanted += [(scenario.clock.epoch_s(row["at"]), name) for name in row["registers"]]
    return tuple(wanted)


def judge(scenario: Scenario, trace: Trace) -> list[Verdict]:
    """Compare with what was expected."""
    return [Verdict(expected=row, failures=tuple(_failures(row, scenario, trace))) for row in scenario.expect]


def _failures(row: Mapping[str, Any], scenario: Scenario, trace: Trace) -> Iterator[str]:
    part = _Part(row, scenario, trace)
    for name, wanted in row.items():
        if name in ("why", "at", "between", "but_for_s"):
            continue
        for text in part.look_at(name, wanted):
            yield f"{name}: {text}"


class _Part:
    """The part of a story that one expectation is about."""

    def __init__(self, row: Mapping[str, Any], scenario: Scenario, trace: Trace) -> None:
        clock = scenario.clock
        begin_s, end_s = clock.start_s, scenario.end_s
        if "at" in row:
            begin_s = end_s = clock.epoch_s(row["at"])
        elif "between" in row:
            begin_s, end_s = (clock.epoch_s(moment) for moment in row["between"])
        if not clock.start_s <= begin_s <= end_s <= scenario.end_s:
            raise ScenarioError("expect", row.get("at", row.get("between")), "times within the scenario")
        self._at_s = begin_s if "at" in row else None
        self._begin_s, self._end_s = begin_s, end_s
        self._scenario, self._trace, self._clock = scenario, trace, clock
        self._slack_s = row.get("but_for_s", 0.0)
        self.samples = _during(trace.samples, begin_s, end_s)
        self.turns = list(_turns(trace.turns, begin_s, end_s))

    def look_at(self, name: str, wanted: Any) -> Iterator[str]:
        """Give what is not as it should be."""
        if name in _POWERS:
            low, high = _POWERS_RANGE.get(name, tuple)(wanted)
            yield from self._within(_POWERS[name], low, high)
        elif name in ENERGIES:
            yield from _outside(energies(self.samples)[name], wanted)
        elif name.endswith("_over_s") or name == "fuse_over_by_battery_s":
            over = limits_of(self._scenario)[name]
            yield from _outside(passed(self.samples, over).longest_s, wanted)
        elif name == "dark_s":
            yield from _outside(sum(sample.seconds for sample in self.samples if sample.dark), wanted)
        elif name in _OF_TURNS:
            yield from self._only(_OF_TURNS[name], [wanted] if isinstance(wanted, str) else wanted)
        elif name in _SEEN:
            seen = set(chain.from_iterable(map(_SEEN[name], self.turns)))
            if missing := [each for each in wanted if each not in seen]:
                yield f"{', '.join(missing)} not seen; seen were {', '.join(sorted(seen))}"
        else:
            yield from _OTHERS[name](self, wanted)

    def _within(self, value: Callable[[Sample], float], low: float, high: float) -> Iterator[str]:
        run_s, worst = 0.0, None
        for sample in self.samples:
            run_s = 0.0 if low <= value(sample) <= high else run_s + sample.seconds
            if run_s > self._slack_s or (run_s and self._at_s is not None):
                worst = sample
                break
        if not self.samples:
            yield "nothing flowed then"
        if worst is not None:
            at = self._clock.text(worst.at_s)
            yield f"{value(worst):.1f} at {at} is not {low:g} to {high:g} (for {run_s:.0f} s)"

    def _only(self, value: Callable[[Turn], str], allowed: Sequence[str]) -> Iterator[str]:
        if not self.turns:
            yield "nothing was decided then"
        for turn in self.turns:
            if value(turn) not in allowed:
                yield f"{value(turn)} from {self._clock.text(turn.at_s)} is not {' or '.join(allowed)}"
                return

    def _never(self, codes: Sequence[str]) -> Iterator[str]:
        for turn in self.turns:
            if found := [code for code in turn.reasons if code in codes]:
                yield f"{found[0]} was a reason at {self._clock.text(turn.at_s)}"
                return

    def _writes(self, wanted: Sequence[float]) -> Iterator[str]:
        yield from _outside(len(self._written()), wanted)

    def _never_written(self, names: Sequence[str]) -> Iterator[str]:
        if found := [name for name in self._written() if name in names]:
            yield f"{found[0]} was written {len(found)} times"

    def _written(self) -> list[str]:
        return [w.name for w in self._trace.writes if self._begin_s <= w.at_s <= self._end_s]

    def _refused(self, codes: Sequence[str]) -> Iterator[str]:
        found = [code for at_s, code in self._trace.refused if self._begin_s <= at_s <= self._end_s]
        if found != list(codes):
            yield f"{found}"

    def _registers(self, wanted: Mapping[str, float | str]) -> Iterator[str]:
        found = self._trace.registers.get(self._begin_s, {})
        for name, value in wanted.items():
            now = found.get(name)
            same = now == value
            if isinstance(value, int | float) and isinstance(now, int | float):
                same = abs(now - value) < 0.01  # noqa: PLR2004  finer than any register
            if not same:
                yield f"{name} is {now}, not {value}"


_POWERS: Mapping[str, Callable[[Sample], float]] = {
    "soc_pct": lambda s: s.soc_pct,
    "grid_w": lambda s: s.grid_w,
    "battery_w": lambda s: s.battery_w,
    "pv_w": lambda s: s.pv_w,
    "grid_w_max": lambda s: s.grid_w,
    "grid_w_min": lambda s: s.grid_w,
}
_POWERS_RANGE: Mapping[str, Callable[[Any], tuple[float, float]]] = {
    "grid_w_max": lambda most: (-float("inf"), most),
    "grid_w_min": lambda least: (least, float("inf")),
    "soc_pct": lambda pair: (pair[0] - _SOC_SLACK_PCT, pair[1] + _SOC_SLACK_PCT),
}
_OF_TURNS: Mapping[str, Callable[[Turn], str]] = {
    "command": lambda t: "none" if t.command is None else t.command.kind.value,
    "held": lambda t: "none" if t.held is None else t.held.kind.value,
    "mode": lambda t: t.mode,
    "control": lambda t: t.control,
}
_SEEN: Mapping[str, Callable[[Turn], tuple[str, ...]]] = {
    "commands_seen": lambda t: () if t.command is None else (t.command.kind.value,),
    "reasons_seen": lambda t: t.reasons,
    "stage_seen": lambda t: (t.stage,),
    "codes_seen": lambda t: () if t.code is None else (t.code,),
}
_OTHERS: Mapping[str, Callable[[_Part, Any], Iterator[str]]] = {
    "reasons_never": _Part._never,
    "writes": _Part._writes,
    "never_written": _Part._never_written,
    "refused": _Part._refused,
    "registers": _Part._registers,
}


_AT = itemgetter(0)


def _during(samples: list[Sample], begin_s: float, end_s: float) -> list[Sample]:
    """Give what flowed in a part of the story; of a single moment what led to it."""
    first = bisect_left(samples, begin_s, key=_AT)
    if begin_s == end_s:
        return samples[max(0, first - 1) : max(1, first)]
    return samples[first : bisect_left(samples, end_s, key=_AT)]


def _turns(turns: list[Turn], begin_s: float, end_s: float) -> Iterator[Turn]:
    """Give what held in a part of the story, the turn before it included."""
    earlier = [turn for turn in turns if turn.at_s <= begin_s]
    yield from earlier[-1:]
    yield from (turn for turn in turns if begin_s < turn.at_s < end_s)


def _outside(value: float, wanted: Sequence[float]) -> Iterator[str]:
    low, high = wanted
    if not low <= value <= high:
        yield f"{value:g} is not {low:g} to {high:g}"


# In words.


def lines(scenario: Scenario, trace: Trace) -> Iterator[str]:
    """Tell each change, in the order of time."""
    clock = scenario.clock
    told = [(at_s, 0, f"-- {text}") for at_s, text in trace.told]
    told += [(at_s, 1, f"refused: {code}") for at_s, code in trace.refused]
    told += [(w.at_s, 1, f"   {w.outcome}: {w.name} = {w.value} ({w.why})") for w in trace.writes]
    told += [(turn.at_s, 2, _turn_text(turn, trace.samples)) for turn in trace.turns]
    for at_s, _, text in sorted(told, key=lambda each: each[:2]):
        yield f"{clock.text(at_s)}  {text}"


def _turn_text(turn: Turn, samples: list[Sample]) -> str:
    found = _during(samples, turn.at_s, turn.at_s)
    powers = ""
    if found:
        s = found[0]
        powers = (
            f"SOC {s.soc_pct:5.1f} %  grid {s.grid_w:6.0f}  battery {s.battery_w:6.0f}"
            f"  PV {s.pv_w:6.0f}  load {s.load_w:6.0f}  "
        )
    command = "-" if turn.command is None else " ".join(f"{v}" for v in _numbers(turn))
    code = f" [{turn.code}]" if turn.code else ""
    return f"{powers}{turn.mode}: {command}{code} because {', '.join(turn.reasons)}"


def _numbers(turn: Turn) -> Iterator[str]:
    assert turn.command is not None
    for name, value in turn.command.to_json().items():
        yield f"{value}" if name == "kind" else f"{name}={value:g}"


def totals(scenario: Scenario, trace: Trace) -> Iterator[str]:
    """Tell what it came to."""
    found = energies(trace.samples)
    yield "  ".join(f"{name.removesuffix('_wh')} {value / 1000:.2f} kWh" for name, value in found.items())
    soc = trace.samples[-1].soc_pct if trace.samples else 0.0
    yield f"{trace.cycles} decisions, {len(trace.writes)} writes, SOC at the end {soc:.1f} %"
    for name, over in limits_of(scenario).items():
        result = passed(trace.samples, over)
        if result.total_s:
            limit = name.removesuffix("_s").replace("_", " ")
            in_a_row = f"{result.longest_s:.0f} s in a row"
            yield f"{limit}: {result.total_s:.0f} s, {in_a_row}, up to {result.worst_w} W"


def as_json(scenario: Scenario, trace: Trace, verdicts: list[Verdict]) -> dict[str, Any]:
    """Give everything, for programs."""
    return {
        "story": scenario.story,
        "energies": energies(trace.samples),
        "limits": {
            name: {"longest_s": p.longest_s, "total_s": p.total_s, "worst_w": p.worst_w}
            for name, over in limits_of(scenario).items()
            for p in (passed(trace.samples, over),)
        },
        "decisions": trace.cycles,
        "writes": [
            {"at": w.at_s, "name": w.name, "value": w.value, "why": w.why, "outcome": w.outcome}
            for w in trace.writes
        ],
        "turns": [
            {
                "at": t.at_s,
                "control": t.control,
                "stage": t.stage,
                "mode": t.mode,
                "command": None if t.command is None else t.command.to_json(),
                "held": None if t.held is None else t.held.to_json(),
                "reasons": list(t.reasons),
                "cannot_hold": list(t.cannot_hold),
                "code": t.code,
            }
            for t in trace.turns
        ],
        "events": [{"at": at_s, "what": text} for at_s, text in trace.told],
        "refused": [{"at": at_s, "code": code} for at_s, code in trace.refused],
        "samples": {
            name: [round(float(getattr(sample, name)), 2) for sample in trace.samples]
            for name in ("at_s", "seconds", "soc_pct", "grid_w", "battery_w", "pv_w", "load_w")
        },
        "expectations": [
            {"expected": dict(verdict.expected), "failures": list(verdict.failures)} for verdict in verdicts
        ],
    }
