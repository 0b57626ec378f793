"""How the readings of devices share the room for entities."""

from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED, Room
from custom_components.energy_storage.vendors.driver import Point, PointRole, Tier


def points(role: PointRole, count: int) -> dict[str, Point]:
    """Some readings with one role."""
    return {
        f"{role}_{index}": Point(device="d", key=f"{role}_{index}", unit=None, role=role, tier=Tier.FAST)
        for index in range(count)
    }


def test_important_readings_come_first() -> None:
    """Where not all can be enabled, it is diagnostic ones that are left out."""
    offered = points(PointRole.DIAGNOSTIC, 10) | points(PointRole.MAIN, 10)
    admitted = Room({}).admit(offered, enabled_elsewhere=MOST_ENABLED - 12, registered_elsewhere=50)
    assert sum(enabled for uid, enabled in admitted.items() if uid.startswith("main")) == 10
    assert sum(enabled for uid, enabled in admitted.items() if uid.startswith("diagnostic")) == 2
    assert len(admitted) == 20


def test_never_more_entities_than_agreed() -> None:
    """A large plant leaves readings to the action."""
    offered = points(PointRole.DISABLED, 200)
    admitted = Room({}).admit(offered, enabled_elsewhere=30, registered_elsewhere=40)
    assert len(admitted) == MOST_REGISTERED - 40
    assert not any(admitted.values())


def test_registers_get_no_entity() -> None:
    """What is a register alone is not offered, whatever room there is."""
    assert Room({}).admit(points(PointRole.REGISTER, 3), enabled_elsewhere=0, registered_elsewhere=0) == {}


def test_what_had_an_entity_keeps_it() -> None:
    """After a restart, an entity does not lose its place to one that happens to be offered first."""
    offered = points(PointRole.MAIN, 5) | points(PointRole.DISABLED, 1)
    room = Room({"disabled_0": True})
    admitted = room.admit(offered, enabled_elsewhere=0, registered_elsewhere=MOST_REGISTERED - 2)
    assert admitted == {"disabled_0": True, "main_0": True}


def test_later_readings_take_what_is_left() -> None:
    """Readings that turn up later do not push out those that are there."""
    room = Room({})
    first = points(PointRole.DIAGNOSTIC, 3)
    before = room.admit(first, enabled_elsewhere=MOST_ENABLED - 3, registered_elsewhere=0)
    after = room.admit(
        first | points(PointRole.MAIN, 2), enabled_elsewhere=MOST_ENABLED - 3, registered_elsewhere=0
    )
    assert all(before.values())
    assert {uid for uid, enabled in after.items() if enabled} == set(before)
