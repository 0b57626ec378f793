"""How the readings of devices share the room for entities."""

from custom_components.energy_storage.engine.plant import Device, DeviceKind, Identity
from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED, Room
from custom_components.energy_storage.vendors.driver import Point, PointRole, Tier


def points(role: PointRole, count: int) -> dict[str, Point]:
    """Some readings with one role."""
    return {
        f"{role}_{index}": Point(device="d", key=f"{role}_{index}", unit=None, role=role, tier=Tier.FAST)
        for index in range(count)
    }


def device(key: str, kind: DeviceKind) -> Device:
    """Make a device."""
    return Device(key=key, uid=key, kind=kind, unit_id=1, identity=Identity())


INVERTER = device("d", DeviceKind.INVERTER)
CHARGER = device("c", DeviceKind.DC_CHARGER)
COMPLETE = (INVERTER, CHARGER)
"""A plant to which no further charger will come."""


def test_important_readings_come_first() -> None:
    """Where not all can be enabled, it is diagnostic ones that are left out."""
    offered = points(PointRole.DIAGNOSTIC, 10) | points(PointRole.MAIN, 10)
    admitted = Room({}).admit(offered, COMPLETE, enabled_elsewhere=MOST_ENABLED - 12, registered_elsewhere=50)
    assert sum(enabled for uid, enabled in admitted.items() if uid.startswith("main")) == 10
    assert sum(enabled for uid, enabled in admitted.items() if uid.startswith("diagnostic")) == 2
    assert len(admitted) == 20


def test_never_more_entities_than_agreed() -> None:
    """A large plant leaves readings to the action."""
    offered = points(PointRole.DISABLED, 200)
    admitted = Room({}).admit(offered, COMPLETE, enabled_elsewhere=30, registered_elsewhere=40)
    assert len(admitted) == MOST_REGISTERED - 40
    assert not any(admitted.values())


def test_registers_get_no_entity() -> None:
    """What is a register alone is not offered, whatever room there is."""
    offered = points(PointRole.REGISTER, 3)
    assert Room({}).admit(offered, COMPLETE, enabled_elsewhere=0, registered_elsewhere=0) == {}


def test_what_had_an_entity_keeps_it() -> None:
    """After a restart, an entity does not lose its place to one that happens to be offered first."""
    offered = points(PointRole.MAIN, 5) | points(PointRole.DISABLED, 1)
    room = Room({"disabled_0": True})
    admitted = room.admit(offered, COMPLETE, enabled_elsewhere=0, registered_elsewhere=MOST_REGISTERED - 2)
    assert admitted == {"disabled_0": True, "main_0": True}


def test_later_readings_take_what_is_left() -> None:
    """Readings that turn up later do not push out those that are there."""
    room = Room({})
    first = points(PointRole.DIAGNOSTIC, 3)
    before = room.admit(first, COMPLETE, enabled_elsewhere=MOST_ENABLED - 3, registered_elsewhere=0)
    both = first | points(PointRole.MAIN, 2)
    after = room.admit(both, COMPLETE, enabled_elsewhere=MOST_ENABLED - 3, registered_elsewhere=0)
    assert all(before.values())
    assert {uid for uid, enabled in after.items() if enabled} == set(before)


def point(device: str, unit: str) -> Point:
    """Make a main reading."""
    return Point(device=device, key="k", unit=unit, role=PointRole.MAIN, tier=Tier.FAST)


def test_chargers_come_before_power_before_energy() -> None:
    """Where not all fit, each inverter shows its power, and a charger everything."""
    offered = {
        "d_energy": point("d", "kWh"),
        "d_power": point("d", "W"),
        "d_pv_power": point("d", "W"),
        "e_power": point("e", "W"),
        "c_energy": point("c", "kWh"),
    }
    devices = (*COMPLETE, device("e", DeviceKind.INVERTER))
    admitted = Room({}).admit(offered, devices, enabled_elsewhere=MOST_ENABLED - 3, registered_elsewhere=0)
    assert {uid for uid, enabled in admitted.items() if enabled} == {"c_energy", "d_power", "e_power"}


def test_a_dc_charger_that_shows_itself_late_finds_room() -> None:
    """It may do so only with its first car: till then nobody else takes what it needs."""
    offered = points(PointRole.MAIN, 20) | points(PointRole.DISABLED, 200)
    room = Room({})
    room.admit(offered, [INVERTER], enabled_elsewhere=30, registered_elsewhere=40)
    later = offered | {f"c_{n}": point("c", "W") for n in range(6)}
    admitted = room.admit(later, COMPLETE, enabled_elsewhere=30, registered_elsewhere=40)
    assert all(admitted[f"c_{n}"] for n in range(6))
    assert sum(admitted.values()) <= MOST_ENABLED - 30
    assert len(admitted) <= MOST_REGISTERED - 40
