"""Who answers at an address, and who it is not."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import (
    Discovery,
    DriverConnectionError,
    LinkFault,
    NotThisVendorError,
    Search,
    TcpAddress,
)
from custom_components.energy_storage.vendors.instagen.discovery import discover
from custom_components.energy_storage.vendors.instagen.frame import Frame
from custom_components.energy_storage.vendors.instagen.messages import (
    AppInfo,
    AppStick,
    GatewayChild,
    GatewayInfo,
    Registry,
)
from custom_components.energy_storage.vendors.instagen.payload import Payload, encode
from tests.simulators.instagen import InstagenConfig

from .bench import bench
from .scripted import Answer, answer_of, scripted, silent
from .test_vectors import STICK_SERIAL

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def found(host: str, port: int, steps: list[tuple[int, int]] | None = None) -> Discovery:
    """Discover without resting between requests."""

    def progress(asked: int, total: int) -> None:
        if steps is not None:
            steps.append((asked, total))

    return await discover(TcpAddress(host=host, port=port), Search(), progress, gap_s=0, timeout_s=0.3)


def answers(known: dict[int, Payload]) -> Answer:
    """Answer some commands with messages, others not at all."""

    async def answer(question: Frame, writer: object) -> None:
        if question.command in known:
            octets = answer_of(question, encode(known[question.command]))
            writer.write(octets)  # type: ignore[attr-defined]  # a stream's writer

    return answer


async def test_plant_is_found() -> None:
    """By its master inverter, with all inverters and their addresses."""
    steps: list[tuple[int, int]] = []
    async with bench(InstagenConfig(inverters=3)) as plant:
        discovery = await found(plant.sim.host, plant.sim.port, steps)
    assert discovery.plant.serial == "200322460001"
    assert discovery.plant.model == "HYS-1.5LV-EUG1"
    assert [(device.unit_id, device.kind) for device in discovery.devices] == [
        (number, DeviceKind.INVERTER) for number in (1, 2, 3)
    ]
    assert steps[-1][0] == steps[-1][1]


async def test_lost_first_answer_is_asked_for_again() -> None:
    """Some sticks are known to lose the first requests."""
    async with bench() as plant:
        plant.sim.faults.add("storage_silent")
        calls: list[tuple[int, int]] = []

        def progress(asked: int, total: int) -> None:
            calls.append((asked, total))
            if asked == 1:
                plant.sim.faults.clear()

        address = TcpAddress(host=plant.sim.host, port=plant.sim.port)
        discovery = await discover(address, Search(), progress, gap_s=0, timeout_s=0.3)
    assert discovery.plant.serial == "200322460001"
    assert (1, 2) in calls


async def test_nobody_is_there() -> None:
    """The port is closed."""
    async with scripted(silent) as stick:
        port = stick.port
    with pytest.raises(DriverConnectionError) as caught:
        await found("127.0.0.1", port)
    assert caught.value.fault is LinkFault.REFUSED


async def test_stick_of_microinverters_is_another_product() -> None:
    """It has the same port and frames, and no hybrid inverter."""
    info = GatewayInfo(stick_serial=STICK_SERIAL, devices=(GatewayChild(serial=5, device_class=3),))
    async with scripted(answers({0xDB01: info})) as stick:
        with pytest.raises(NotThisVendorError):
            await found("127.0.0.1", stick.port)


async def test_stick_that_names_no_inverter_is_no_plant() -> None:
    """An empty registry."""
    info = GatewayInfo(stick_serial=STICK_SERIAL)
    async with scripted(answers({0xDB01: info, 0xC302: Registry(type=1)})) as stick:
        with pytest.raises(NotThisVendorError):
            await found("127.0.0.1", stick.port)


@pytest.mark.parametrize("serial", [None, 0, -5])
async def test_stick_without_a_serial_number_cannot_be_asked(serial: int | None) -> None:
    """All later requests need it."""
    async with scripted(answers({0xDB01: GatewayInfo(stick_serial=serial, page=0)})) as stick:
        with pytest.raises(DriverConnectionError) as caught:
            await found("127.0.0.1", stick.port)
    assert caught.value.fault is LinkFault.GARBLED


@pytest.mark.parametrize("bits", [1 << 25, (1 << 25) + 3])
async def test_stick_that_answers_only_app_info_and_encrypts(bits: int) -> None:
    """Said so, instead of silent."""
    info = AppInfo(stick_serial="430122480001", stick=AppStick(feature_bits=bits, enc_random=bytes(16)))
    async with scripted(answers({0xA301: info})) as stick:
        with pytest.raises(DriverConnectionError) as caught:
            await found("127.0.0.1", stick.port)
    assert caught.value.fault is LinkFault.ENCRYPTED


async def test_stick_that_answers_only_app_info_is_another_product() -> None:
    """An older stick of microinverters."""
    info = AppInfo(stick_serial="414312345678", stick=AppStick(feature_bits=0))
    async with scripted(answers({0xA301: info})) as stick:
        with pytest.raises(NotThisVendorError):
            await found("127.0.0.1", stick.port)
