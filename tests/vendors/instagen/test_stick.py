"""Questions to a stick: pages, answers that are none of ours, and settings."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from custom_components.energy_storage.vendors.driver import DriverConnectionError, LinkFault
from custom_components.energy_storage.vendors.instagen.frame import Frame
from custom_components.energy_storage.vendors.instagen.live_data import Battery, LiveData, PvInput
from custom_components.energy_storage.vendors.instagen.messages import DataRequest
from custom_components.energy_storage.vendors.instagen.payload import decode, encode
from custom_components.energy_storage.vendors.instagen.stick import MAX_PAGES, Stick
from custom_components.energy_storage.vendors.instagen.user_set import BatteryMode, UserSet, UserSetAnswer

from .bench import bench
from .scripted import Answer, ScriptedStick, answer_of, says, scripted
from .test_vectors import AT, INVERTER, STICK_SERIAL

pytestmark = pytest.mark.usefixtures("socket_enabled")

SELF = UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=10)


def asking(scripted_stick: ScriptedStick) -> Stick:
    """Give a stick whose serial number is known."""
    stick = Stick(scripted_stick.link(timeout_s=5.0), now=lambda: datetime.fromtimestamp(AT, UTC))
    stick.serial = STICK_SERIAL
    return stick


def pages(*answers: LiveData) -> Answer:
    """Answer each request for a page with that page; beyond the last, with the first."""

    async def answer(question: Frame, writer: object) -> None:
        page = decode(DataRequest, question.payload).page or 0
        octets = answer_of(question, encode(answers[page if page < len(answers) else 0]))
        writer.write(octets)  # type: ignore[attr-defined]  # a stream's writer

    return answer


FIRST = LiveData(
    inverter_serial=INVERTER, unix_time=AT, page=0, page_count=2, pv_inputs=(PvInput(input_index=1, power=5),)
)
SECOND = LiveData(
    inverter_serial=INVERTER,
    unix_time=AT + 1,
    page=1,
    page_count=2,
    pv_inputs=(PvInput(input_index=2, power=6),),
    battery=Battery(soc=55),
)


async def test_pages_are_put_together() -> None:
    """Lists are joined, what the first page lacks comes from the second, time is that of the first."""
    async with scripted(pages(FIRST, SECOND)) as stick:
        data = await asking(stick).live_data(INVERTER, 1)
    assert [one.input_index for one in data.pv_inputs] == [1, 2]
    assert data.battery == Battery(soc=55)
    assert data.unix_time == AT


async def test_first_page_again_is_the_end() -> None:
    """A firmware that does not know pages must not double the inputs."""
    async with scripted(pages(FIRST)) as stick:
        data = await asking(stick).live_data(INVERTER, 1)
        assert len(stick.asked) == 2
    assert len(data.pv_inputs) == 1


async def test_number_of_pages_is_bounded() -> None:
    """Whatever a stick announces."""

    async def endless(question: Frame, writer: object) -> None:
        page = decode(DataRequest, question.payload).page or 0
        data = LiveData(inverter_serial=INVERTER, page=page, page_count=1 << 30)
        writer.write(answer_of(question, encode(data)))  # type: ignore[attr-defined]  # a stream's writer

    async with scripted(endless) as stick:
        await asking(stick).live_data(INVERTER, 1)
        assert len(stick.asked) == MAX_PAGES


async def test_data_of_another_inverter_is_not_taken() -> None:
    """Addresses may be mixed up; serial numbers are not."""
    async with scripted(says(encode(LiveData(inverter_serial=INVERTER + 1)))) as stick:
        with pytest.raises(DriverConnectionError) as caught:
            await asking(stick).live_data(INVERTER, 1)
    assert caught.value.fault is LinkFault.GARBLED


async def test_payload_that_is_no_message() -> None:
    """A sound frame around nonsense."""
    async with scripted(says(b"\xff\xff\xff")) as stick:
        with pytest.raises(DriverConnectionError) as caught:
            await asking(stick).live_data(INVERTER, 1)
    assert caught.value.fault is LinkFault.GARBLED


async def test_settings_go_out_with_time_transaction_and_target() -> None:
    """Exactly the vector of mode 5, and the answer says taken."""
    async with bench() as plant:
        stick = Stick(plant.driver._stick.link, now=lambda: plant.sim.plant.now)  # type: ignore[attr-defined]  # the driver's own
        await stick.gateway_info()
        code = await stick.set_user(UserSet(mode=5, reserve_soc=90, max_power=500), INVERTER, 1)
        assert code == 0
        plant.sim.advance(10)
        assert plant.sim.mode == 5
        assert len(plant.sim.writes) == 1


async def test_wall_clock_time_is_that_of_the_house() -> None:
    """The stick is told the time in words, too; its zone constant says nothing about it."""
    async with scripted(says(encode(LiveData(inverter_serial=INVERTER)))) as stick:
        link = stick.link(timeout_s=5.0)
        house = Stick(link, now=lambda: datetime.fromtimestamp(AT, UTC), zone=ZoneInfo("Asia/Tokyo"))
        await house.live_data(INVERTER, 1)
        request = decode(DataRequest, stick.asked[0].payload)
    assert (request.date_time_text, request.unix_time) == ("2023-11-15 07:13:20", AT)
    assert request.tz_offset == 28_800


@pytest.mark.parametrize(("code", "given"), [(0, 0), (3, 3), (None, 0)])
async def test_error_code_is_given(code: int | None, given: int) -> None:
    """What is not sent is 0, as everywhere in protobuf."""
    answer = UserSetAnswer(transaction_id=AT, inverter_serial=INVERTER, error_code=code)
    async with scripted(says(encode(answer))) as stick:
        assert await asking(stick).set_user(SELF, INVERTER, 1) == given


@pytest.mark.parametrize(
    "answer",
    [
        UserSetAnswer(transaction_id=AT - 1, inverter_serial=INVERTER, error_code=0),
        UserSetAnswer(transaction_id=AT, inverter_serial=INVERTER + 1, error_code=0),
        UserSetAnswer(error_code=0),
    ],
)
async def test_answer_to_other_settings_is_none(answer: UserSetAnswer) -> None:
    """It does not say that these were taken."""
    async with scripted(says(encode(answer))) as stick:
        with pytest.raises(DriverConnectionError):
            await asking(stick).set_user(SELF, INVERTER, 1)


async def test_settings_that_are_not_whole_stay_here() -> None:
    """Nothing is sent."""
    async with scripted(says(b"answer")) as stick:
        with pytest.raises(ValueError, match="missing"):
            await asking(stick).set_user(UserSet(mode=BatteryMode.FORCE_CHARGE, reserve_soc=90), INVERTER, 1)
        assert stick.asked == []
