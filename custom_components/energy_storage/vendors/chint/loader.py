"""Turns the text of a profile into a `Profile`, or says in which line it is wrong and what may be there."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from ...engine.command import CommandKind
from ...engine.plant import AlarmLevel
from ..driver import PointRole, Tier, WrongProfileError
from .cross_checks import check_profile
from .located import NotJsonError, place_of, read_json
from .profile import FAMILY_SENTINELS, PACE_S, WORDS, Evidence, Fault, Profile, Recipe, Row, Span, Step
from .schema import NotAllowedError, check, shown
from .shipped import SCHEMA, TEXTS

_LONGEST = 1_000_000
_WORD_MOST = 0xFFFF


@cache
def load(name: str, text: str, *, of_owner: bool = False) -> Profile:
    """Read a profile.

    Raises:
        WrongProfileError: it is wrong.

    """
    if len(text) > _LONGEST:
        raise WrongProfileError(name, 1, 1, "the file", f"it is longer than {_LONGEST} characters")
    try:
        document = read_json(text)
    except NotJsonError as err:
        raise WrongProfileError(name, err.line, err.column, "the file", str(err)) from err
    try:
        check(document, SCHEMA)
        version = sha256(text.encode()).hexdigest()[:16] if of_owner else ""
        profile = _profile(name, document, of_owner=of_owner, version=version)
        check_profile(profile, document)
    except NotAllowedError as err:
        problem = f"{err.value!r} is not allowed; allowed is {err.allowed}"
        raise WrongProfileError(name, *place_of(text, err.path), shown(err.path), problem) from err
    return profile


def check_own(name: str, text: str) -> None:
    """Look whether a profile of the owner's can be used.

    Raises:
        WrongProfileError: it is wrong.

    """
    load(name, text, of_owner=True)


def shipped() -> dict[str, Profile]:
    """Give the profiles that come with us."""
    return {name: load(name, text) for name, text in TEXTS.items()}


def profiles(of_owner: Mapping[str, str]) -> tuple[dict[str, Profile], dict[str, WrongProfileError]]:
    """Give all profiles by name, the owner's in place of ours; and what is wrong with his.

    A name whose text is wrong has no profile at all: ours may not be what he wants read.
    """
    good, wrong = shipped(), dict[str, WrongProfileError]()
    for name, text in of_owner.items():
        try:
            good[name] = load(name, text, of_owner=True)
        except WrongProfileError as err:
            good.pop(name, None)
            wrong[name] = err
    return good, wrong


def _profile(name: str, document: Mapping[str, Any], *, of_owner: bool, version: str) -> Profile:
    order = document.get("word_order", "big")
    sentinels = dict(FAMILY_SENTINELS)
    for kind, raws in document.get("sentinels", {}).items():
        sentinels[kind] = _raws(raws)
    rows = [_row(row, order, sentinels) for row in document["rows"]]
    faults: dict[str, dict[int, Fault]] = {}
    for fault in document.get("faults", ()):
        meaning = Fault(
            code=fault["code"],
            text=fault["text"],
            level=AlarmLevel(fault["level"]),
            off_grid=fault.get("means") == "off_grid",
        )
        faults.setdefault(fault["row"], {})[fault["bit"]] = meaning
    return Profile(
        key=name,
        title=document["title"],
        has_battery=document["kind"] == "hybrid",
        rows={row.name: row for row in rows},
        spans=tuple(_span(span) for span in document["blocks"]),
        device_types=_raws(document["device_type"]),
        model_prefixes=tuple(document.get("model_prefixes", ())),
        serial_prefixes=tuple(document.get("serial_prefixes", ())),
        probe=tuple(document.get("probe", ())),
        most_registers=document.get("most_registers", 60),
        max_gap=document.get("max_gap", 16),
        pace_s=dict(PACE_S) | {Tier(tier): pace for tier, pace in document.get("pace_s", {}).items()},
        faults=faults,
        commands={CommandKind(kind): _recipe(steps) for kind, steps in document.get("commands", {}).items()},
        requests={key: _recipe(steps) for key, steps in document.get("requests", {}).items()},
        sources=document.get("sources", {}),
        of_owner=of_owner,
        version=version,
    )


def _row(row: Mapping[str, Any], order: str, sentinels: Mapping[str, frozenset[int]]) -> Row:
    low, high = row.get("range", (None, None))
    kind = row["type"]
    return Row(
        name=row["name"],
        address=number_of(row["address"]),
        space=row["kind"],
        type=kind,
        count=WORDS.get(kind) or row.get("words", 1),
        group=row["group"],
        evidence=Evidence(row["evidence"]),
        scale=row.get("scale", 1.0),
        unit=row.get("unit"),
        sign=row.get("sign", 1),
        order=row.get("word_order", order),
        sentinels=_raws(row["sentinel"]) if "sentinel" in row else sentinels.get(kind, frozenset()),
        writable=row.get("access") == "RW",
        low=low,
        high=high,
        options=_options(row.get("enum", {})),
        counts=row.get("counts"),
        device=row.get("device", "inverter"),
        tier=Tier(row.get("tier", Tier.COUNTERS)),
        role=PointRole(row.get("role", PointRole.REGISTER)),
        means=row.get("means"),
        maker=row.get("maker"),
        source=row.get("source"),
        note=row.get("note"),
    )


def _span(span: Mapping[str, Any]) -> Span:
    return Span(
        space=span["kind"],
        first=number_of(span["first"]),
        last=number_of(span["last"]),
        name=span.get("name", ""),
    )


def _recipe(steps: list[Mapping[str, Any]]) -> Recipe:
    return tuple(Step(row=step["row"], value=step["value"]) for step in steps)


def _options(codes: Mapping[str, str]) -> dict[int, str]:
    """Give the codes by number; what is no number is left to the cross-checks."""
    found = {number: code for text, code in codes.items() if (number := _maybe(text)) is not None}
    return dict(sorted(found.items()))


def _maybe(text: str) -> int | None:
    try:
        number = int(text, 0)
    except ValueError:
        return None
    return number if 0 <= number <= _WORD_MOST else None


def number_of(word: int | str) -> int:
    """Read a number, or hexadecimal digits."""
    return int(word, 0) if isinstance(word, str) else word


def _raws(raws: list[int | str]) -> frozenset[int]:
    return frozenset(number_of(raw) for raw in raws)
