"""What must hold between the parts of a profile, beyond what its schema says of each."""

from collections.abc import Iterator, Mapping
from typing import Any

from .profile import PARAMETERS, WORDS, Evidence, Profile, Row, Span, Step
from .rows import minutes_of
from .schema import NotAllowedError, Path

_NUMBERS = frozenset({"uint16", "int16", "uint32", "int32", "uint64"})
_TEXTS = frozenset({"string", "bcd"})
_UNITS: Mapping[str, str | None] = {
    "device_type": None,
    "soc": "%",
    "soh": "%",
    "battery_voltage": "V",
    "battery_current": "A",
    "battery_temperature": "°C",
    "battery_power": "W",
    "grid_power": "W",
    "grid_power_l1": "W",
    "grid_power_l2": "W",
    "grid_power_l3": "W",
    "pv_power": "W",
    "phases": None,
    "rated_power": "W",
    "rated_energy": "kWh",
    "grid_import_energy": "kWh",
    "grid_export_energy": "kWh",
    "battery_charge_energy": "kWh",
    "battery_discharge_energy": "kWh",
    "pv_energy": "kWh",
    "pv_energy_fraction": "kWh",
    "load_energy": "kWh",
}
"""What must be a number, and in which unit."""
_CODES = frozenset({"running_state", "vendor_mode"})


def check_profile(profile: Profile, document: Mapping[str, Any]) -> None:
    """Check the parts against each other; `document` tells where each stands.

    Raises:
        NotAllowedError: with the first that does not fit.

    """
    for err in (
        *_spans(profile.spans),
        *_rows(profile, document["rows"]),
        *_probe(profile),
        *_faults(profile, document.get("faults", ())),
        *_recipes(profile, document),
    ):
        raise err


def _spans(spans: tuple[Span, ...]) -> Iterator[NotAllowedError]:
    for place, span in enumerate(spans):
        if span.last < span.first:
            yield NotAllowedError(("blocks", place, "last"), span.last, f"{span.first} or more")
        for other in spans[:place]:
            if span.space == other.space and span.first <= other.last and other.first <= span.last:
                yield NotAllowedError(("blocks", place, "first"), span.first, "outside of every other block")


def _rows(profile: Profile, rows: list[Mapping[str, Any]]) -> Iterator[NotAllowedError]:
    names: set[str] = set()
    meanings: set[str] = set()
    for place, said in enumerate(rows):
        path = ("rows", place)
        if said["name"] in names:
            yield NotAllowedError((*path, "name"), said["name"], "a name that no other row has")
        names.add(said["name"])
        row = profile.rows[said["name"]]
        if row.means in meanings:
            yield NotAllowedError((*path, "means"), row.means, "what no other row means")
        meanings |= {row.means} if row.means else set()
        if not any(span.holds(row) for span in profile.spans):
            allowed = f"wholly inside one of the {row.space} blocks"
            yield NotAllowedError((*path, "address"), said["address"], allowed)
        if row.source is not None and row.source not in profile.sources:
            yield NotAllowedError((*path, "source"), row.source, f"one of {', '.join(profile.sources)}")
        yield from _row(row, said, path)
    yield from _overlaps(profile, rows)


def _row(row: Row, said: Mapping[str, Any], path: Path) -> Iterator[NotAllowedError]:
    """Check one row by itself."""
    if (row.type in _TEXTS) != ("words" in said):
        yield NotAllowedError((*path, "words"), said.get("words"), "for `string` and `bcd`, which need it")
    if row.count > WORDS["uint16"] and row.writable and row.type in _TEXTS:
        yield NotAllowedError((*path, "access"), "RW", "R for texts")
    for field in ("scale", "unit", "sign", "range", "counts", "word_order"):
        if field in said and row.type not in _NUMBERS:
            yield NotAllowedError((*path, field), said[field], f"for numbers; {row.name} is a {row.type}")
    if row.low is not None and row.high is not None and row.low > row.high:
        yield NotAllowedError((*path, "range"), said["range"], "least and most, in this order")
    yield from _enum(row, said, path)
    if row.writable and row.space != "holding":
        yield NotAllowedError((*path, "access"), "RW", "R for input registers, which cannot be written")
    if row.writable and not (row.options or row.type == "time" or row.low is not None):
        yield NotAllowedError(
            (*path, "access"), "RW", "with a range or an enum: what may be written has bounds"
        )
    yield from _meaning(row, path)


def _enum(row: Row, said: Mapping[str, Any], path: Path) -> Iterator[NotAllowedError]:
    codes = said.get("enum", {})
    if codes and row.type != "uint16":
        yield NotAllowedError((*path, "enum"), row.type, "for rows of type uint16")
    if len(row.options) != len(codes):
        yield NotAllowedError(
            (*path, "enum"), sorted(codes), "each number once, 0 to 65535 or 0x0000 to 0xFFFF"
        )
    if len(set(codes.values())) != len(codes):
        yield NotAllowedError((*path, "enum"), sorted(codes.values()), "each code once")
    if codes and (row.unit or row.scale != 1):
        yield NotAllowedError((*path, "enum"), row.unit or row.scale, "without unit and scale")


def _meaning(row: Row, path: Path) -> Iterator[NotAllowedError]:
    if row.means is None:
        return
    if row.means in _UNITS and (row.type not in _NUMBERS or row.unit != _UNITS[row.means]):
        allowed = f"for a number in {_UNITS[row.means] or 'no unit'}"
        yield NotAllowedError((*path, "means"), row.means, allowed)
    if row.means in _CODES and not row.options:
        yield NotAllowedError((*path, "means"), row.means, "for a row with an enum")


def _overlaps(profile: Profile, rows: list[Mapping[str, Any]]) -> Iterator[NotAllowedError]:
    """Refuse rows that share registers, unless one lies in the other: the low word of a longer value."""
    for place, said in enumerate(rows):
        row = profile.rows[said["name"]]
        for before in rows[:place]:
            other = profile.rows[before["name"]]
            apart = row.space != other.space or row.last < other.address or other.last < row.address
            inside = (row.address >= other.address and row.last <= other.last) or (
                other.address >= row.address and other.last <= row.last
            )
            if not apart and (not inside or row.count == other.count):
                allowed = f"clear of {other.name}"
                yield NotAllowedError(("rows", place, "address"), said["address"], allowed)


def _probe(profile: Profile) -> Iterator[NotAllowedError]:
    for place, name in enumerate(profile.probe):
        if name not in profile.rows:
            yield NotAllowedError(("probe", place), name, "the name of a row")


def _faults(profile: Profile, faults: list[Mapping[str, Any]]) -> Iterator[NotAllowedError]:
    seen: set[tuple[str, int]] = set()
    codes: set[str] = set()
    for place, fault in enumerate(faults):
        path = ("faults", place)
        row = profile.rows.get(fault["row"])
        if row is None or row.type != "bits":
            yield NotAllowedError((*path, "row"), fault["row"], "the name of a row of type bits")
        if (fault["row"], fault["bit"]) in seen:
            yield NotAllowedError((*path, "bit"), fault["bit"], "each bit of a word once")
        if fault["code"] in codes:
            yield NotAllowedError((*path, "code"), fault["code"], "each code once")
        seen.add((fault["row"], fault["bit"]))
        codes.add(fault["code"])


def _recipes(profile: Profile, document: Mapping[str, Any]) -> Iterator[NotAllowedError]:
    commands = document.get("commands", {})
    if commands and "release" not in commands:
        yield NotAllowedError(("commands",), sorted(commands), "with a recipe for release")
    for section in ("commands", "requests"):
        for kind, steps in document.get(section, {}).items():
            for place, step in enumerate(steps):
                said = Step(row=step["row"], value=step["value"])
                yield from _step(profile, said, kind, (section, kind, place))


_TAKES: Mapping[str, frozenset[str]] = {
    "charge": frozenset({"power_w", "target_soc_pct", "window_end"}),
    "discharge": frozenset({"power_w", "floor_soc_pct", "window_end"}),
}


def _step(profile: Profile, step: Step, kind: str, path: Path) -> Iterator[NotAllowedError]:
    row = profile.rows.get(step.row)
    if row is None or not row.writable:
        yield NotAllowedError((*path, "row"), step.row, "the name of a row with access RW")
    elif row.evidence is Evidence.ASSUMED:
        yield NotAllowedError(
            (*path, "row"), step.row, "a row that is not assumed: guesses are never written"
        )
    elif (allowed := _value_missed(row, step, kind)) is not None:
        yield NotAllowedError((*path, "value"), step.value, allowed)


def _value_missed(row: Row, step: Step, kind: str) -> str | None:
    """Say what a recipe may write to a row; None where it does."""
    if step.value in PARAMETERS:
        takes = _TAKES.get(kind, frozenset())
        if step.value not in takes:
            return f"{', '.join(sorted(takes)) or 'a fixed value'} in a recipe for {kind}"
        fits = (step.value == "window_end") == (row.type == "time") and not row.options
        return None if fits else f"a value for {row.name}"
    good, allowed = _fixed(row, step.value)
    return None if good else allowed


def _fixed(row: Row, value: float | str) -> tuple[bool, str]:
    """Tell whether a row takes a value, and what it takes."""
    if row.options:
        return value in row.options.values(), f"one of {', '.join(row.options.values())}"
    if row.type == "time":
        return minutes_of(value) is not None, "a time from 00:00 to 23:59"
    low, high = row.low or 0.0, row.high or 0.0
    return not isinstance(value, str) and low <= value <= high, f"a number from {low:g} to {high:g}"
