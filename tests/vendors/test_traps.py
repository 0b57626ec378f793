"""Every trap of a vendor's facts has an id, a simulator that sets it, and a test that falls into it."""

import ast
from collections.abc import Collection, Iterator
import csv
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from tests.simulators.chint_config import ChintConfig
from tests.simulators.chint_faults import CHINT_FAULTS
from tests.simulators.instagen import InstagenConfig
from tests.simulators.instagen_faults import INSTAGEN_FAULTS
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.simulators.sigen_faults import SIGEN_FAULTS
from tests.simulators.sigen_map import spc_number

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The fact file of a vendor, and the simulator that was made from it."""

    last_section: int
    needed: frozenset[str]
    """Sections that are about reading or writing, and so have traps."""
    config: type
    faults: Collection[str]


FACTS = {
    "sigen": Facts(
        last_section=21,
        needed=frozenset({"11", "13", "15", "16"}),
        config=SigenConfig,
        faults=SIGEN_FAULTS,
    ),
    "instagen": Facts(
        last_section=12,
        needed=frozenset({"2", "3", "4", "5", "6", "7", "8", "10"}),
        config=InstagenConfig,
        faults=INSTAGEN_FAULTS,
    ),
    "chint": Facts(
        last_section=11,
        needed=frozenset({"1", "2", "3", "5", "8"}),
        config=ChintConfig,
        faults=CHINT_FAULTS,
    ),
}


def traps_of(vendor: str) -> list[dict[str, str]]:
    """Give the traps of a vendor."""
    with (TESTS / "vendors" / vendor / "traps.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def every_trap() -> Iterator[object]:
    """Give vendor and trap, named after both."""
    for vendor in FACTS:
        for trap in traps_of(vendor):
            yield pytest.param(vendor, trap, id=f"{vendor}-{trap['id']}")


@pytest.mark.parametrize("vendor", FACTS)
def test_ids_are_unique(vendor: str) -> None:
    """One id a trap, short enough to be said."""
    ids = [trap["id"] for trap in traps_of(vendor)]
    assert len(ids) == len(set(ids))
    assert all(name == name.lower() and " " not in name for name in ids)


@pytest.mark.parametrize("vendor", FACTS)
def test_every_section_with_surprises_has_traps(vendor: str) -> None:
    """Of the fact file, as far as it is about reading or writing."""
    facts, sections = FACTS[vendor], {trap["section"] for trap in traps_of(vendor)}
    assert sections >= facts.needed
    assert all(0 <= int(section) <= facts.last_section for section in sections)


@pytest.mark.parametrize(("vendor", "trap"), every_trap())
def test_a_trap_has_its_test(vendor: str, trap: dict[str, str]) -> None:
    """In the file that the row names, under that name."""
    path, _, name = trap["test"].partition("::")
    body = ast.parse((TESTS / path).read_text(encoding="utf-8")).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in names, vendor


@pytest.mark.parametrize(("vendor", "trap"), every_trap())
def test_a_trap_has_its_simulator(vendor: str, trap: dict[str, str]) -> None:
    """A fault, a setting of the device or of the plant, a firmware, or what it always does."""
    kind, _, name = trap["simulator"].partition(":")
    match kind:
        case "fault":
            assert name in FACTS[vendor].faults
        case "config":
            assert name in {field.name for field in fields(FACTS[vendor].config)}
        case "plant":
            assert name in {field.name for field in fields(PlantConfig)}
        case "firmware":
            assert spc_number(name)
        case _:
            assert (kind, name) == ("always", "")
