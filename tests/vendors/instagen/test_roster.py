"""Who is behind a stick, and what can be believed of it."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.instagen.messages import (
    GatewayBlock,
    GatewayChild,
    GatewayInfo,
    InverterRef,
    MeterRef,
    Registry,
    serial_text,
    version_text,
)
from custom_components.energy_storage.vendors.instagen.roster import Inverter, Roster

from .test_vectors import INVERTER, STICK_SERIAL


def roster(*refs: InverterRef, info: GatewayInfo | None = None) -> Roster | None:
    """Make one."""
    return Roster.of(STICK_SERIAL, Registry(inverters=refs), info)


def inverter(**ref: object) -> Inverter:
    """Make an inverter with what the registry says of it."""
    made = InverterRef(serial=INVERTER, **ref)  # type: ignore[arg-type]  # data of the test
    return Inverter(number=1, serial=INVERTER, target=1, ref=made)


@pytest.mark.parametrize(
    ("model", "rated_w"),
    [
        ("HYS-4.6LV-EUG1", 4600),
        ("HAT-10.0HV-EUG1", 10_000),
        ("HYT-5HV", 5_000),
        ("has-3.68lv", 3_680),
        ("Instagen HYS-6.0LV", 6_000),
        ("Home 5000", None),
        ("", None),
        (None, None),
    ],
)
def test_rated_power_stands_in_the_name(model: str | None, rated_w: float | None) -> None:
    """What is named otherwise has none that we know."""
    assert inverter(model_name=model).rated_w == rated_w


@pytest.mark.parametrize(
    ("capacity", "battery_type", "energy_wh"),
    [(100, 1, 10_000), (96, None, 9_600), (0, 1, None), (100_000, 1, None), (None, 1, None), (100, 0, None)],
)
def test_capacity_that_no_battery_has_is_not_believed(
    capacity: int | None, battery_type: int | None, energy_wh: float | None
) -> None:
    """Its unit is inferred."""
    assert inverter(battery_capacity=capacity, battery_type=battery_type).capacity_wh == energy_wh


def test_master_is_the_lowest_address() -> None:
    """Whatever the order in the registry; addresses also from the stick's own list."""
    second, first = InverterRef(serial=2, bus_address=2), InverterRef(serial=1)
    info = GatewayInfo(devices=(GatewayChild(serial=1, bus_address=1),))
    found = roster(second, first, info=info)
    assert found is not None
    assert [(one.number, one.serial, one.target) for one in found.inverters] == [(1, 1, 1), (2, 2, 2)]


@pytest.mark.parametrize("address", [None, 0, -1, 255, 70_000])
def test_address_that_cannot_be_one_is_the_first(address: int | None) -> None:
    """Nobody could be asked there."""
    found = roster(InverterRef(serial=1, bus_address=address))
    assert found is not None
    assert found.inverters[0].target == 1


@pytest.mark.parametrize("serials", [(), (0,), (None,), (-5,)])
def test_no_inverter_with_a_serial_number_is_no_plant(serials: tuple[int | None, ...]) -> None:
    """There is nothing to ask, and no name for it."""
    assert roster(*(InverterRef(serial=serial) for serial in serials)) is None


def test_no_more_than_ten_inverters() -> None:
    """More cannot be behind one stick, so a longer list is damaged."""
    found = roster(*(InverterRef(serial=serial, bus_address=serial) for serial in range(1, 40)))
    assert found is not None
    assert len(found.inverters) == 10


def test_sources_are_devices_once_they_have_shown_themselves() -> None:
    """Meter, generator, third-party PV; the meter has a serial number."""
    found = Roster.of(
        STICK_SERIAL,
        Registry(
            inverters=(InverterRef(serial=INVERTER, battery_serial="", battery_type=1),),
            meters=MeterRef(grid_meter_serial="10C0B0012345"),
        ),
    )
    assert found is not None
    kinds = [device.kind for device in found.devices(seen=frozenset())]
    assert kinds == [DeviceKind.PLANT, DeviceKind.GATEWAY, DeviceKind.INVERTER, DeviceKind.BATTERY]
    seen = frozenset({DeviceKind.METER, DeviceKind.GENERATOR, DeviceKind.PV_INVERTER})
    serials = {device.key: device.identity.serial for device in found.devices(seen=seen)}
    assert (serials["meter_1"], serials["generator_1"], serials["battery_1"]) == ("10C0B0012345", None, None)


def test_stick_that_encrypts_is_noted() -> None:
    """Bit 25 of its feature bits; other bits say something else."""
    for bits, encrypted in ((1 << 25, True), (1 << 24, False), (None, False)):
        info = GatewayInfo(gateway=(GatewayBlock(feature_bits=bits, sw_version=4105),))
        found = roster(InverterRef(serial=1), info=info)
        assert found is not None
        assert found.encrypted is encrypted
        assert found.stick_version == "01.00.09"


def test_numbers_as_they_stand_on_the_device() -> None:
    """Serial numbers in twelve hexadecimal digits, versions in three parts; nothing is nothing."""
    assert serial_text(STICK_SERIAL) == "430122480001"
    assert serial_text(0) is None
    assert version_text(None) is None
    assert version_text(0x200F) == "02.00.15"
