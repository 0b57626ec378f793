"""Memory: what lasts comes back, what makes no sense does not."""

from datetime import timedelta
import json

from custom_components.energy_storage.engine import Memory
from custom_components.energy_storage.engine.memory import Lasting, overridden
from custom_components.energy_storage.engine.override import Override, Source
from tests.engine.house import NOON

OVERRIDE = Override(
    kind="hold", source=Source.PERSON, started=NOON, ends_at=NOON + timedelta(hours=1), parameters={"a": 2}
)


def test_the_lasting_part_survives_json() -> None:
    """Through a file and back nothing is lost."""
    lasting = Lasting(override=OVERRIDE, engaged=True, notes={"force_charge": {"reached": "x", "n": 1.5}})
    assert Lasting.from_json(json.loads(json.dumps(lasting.to_json()))) == lasting


def test_an_empty_file_is_an_empty_memory() -> None:
    """The first start has nothing to remember."""
    assert Lasting.from_json({}) == Lasting()


def test_damaged_parts_are_forgotten_alone() -> None:
    """What can still be read counts."""
    saved = {"override": 5, "engaged": True, "notes": {"good": {"n": 1}, "bad": 2}}
    assert Lasting.from_json(saved) == Lasting(engaged=True, notes={"good": {"n": 1}})


def test_engaged_is_only_what_says_so_exactly() -> None:
    """A word in its place is no promise that we wrote."""
    assert not Lasting.from_json({"engaged": "no"}).engaged


def test_asked_prefers_what_the_override_says() -> None:
    """The number entities are only the default."""
    memory = overridden(Memory(), OVERRIDE)
    assert (memory.lasting.asked("a", 1), memory.lasting.asked("b", 1)) == (2, 1)


def test_asked_without_an_override_is_the_default() -> None:
    """The same question may be asked at any time."""
    assert Lasting().asked("a", 1) == 1
