"""Which alarms are told, and when."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.alarms import KEPT, AlarmChange, AlarmLog, alarm_store
from custom_components.energy_storage.cycle import Reading
from custom_components.energy_storage.engine.plant import Alarm, AlarmLevel, PlantState, Stage

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def alarm(code: str = "1001", device: str = "inverter_1") -> Alarm:
    """An alarm of an inverter."""
    return Alarm(device=device, code=code, text="Too hot", level=AlarmLevel.CRITICAL, since=NOW)


def reading(
    *alarms: Alarm, stage: Stage = Stage.FRESH, reachable: dict[str, bool] | None = None, minute: int = 0
) -> Reading:
    """A reading with these alarms."""
    at = NOW + timedelta(minutes=minute)
    return Reading(at=at, stage=stage, state=PlantState(read_at=at, alarms=alarms, reachable=reachable or {}))


pytestmark = pytest.mark.usefixtures("hass_storage")


@pytest.fixture
def told() -> list[AlarmChange]:
    """What was told."""
    return []


@pytest.fixture
async def log(hass: HomeAssistant, told: list[AlarmChange]) -> AlarmLog:
    """A log that starts empty."""
    log = AlarmLog(alarm_store(hass, "entry"))
    await log.load()
    log.listen(told.append)
    return log


async def test_alarm_is_told_once(log: AlarmLog, told: list[AlarmChange]) -> None:
    """An alarm that stays is no news."""
    for minute in range(3):
        await log.update(reading(alarm(), minute=minute), settled=True)
    assert told == [AlarmChange(change="occurred", at=NOW, alarm=alarm())]


async def test_end_of_an_alarm_is_told(log: AlarmLog, told: list[AlarmChange]) -> None:
    """With everything that was known about it."""
    await log.update(reading(alarm(), alarm("1002")), settled=True)
    await log.update(reading(alarm("1002"), minute=5), settled=True)
    assert told[-1] == AlarmChange(change="cleared", at=NOW + timedelta(minutes=5), alarm=alarm())


async def test_known_alarm_is_not_told_after_a_restart(hass: HomeAssistant, log: AlarmLog) -> None:
    """The log remembers over restarts, and tells the end of an alarm that it has read from disk."""
    await log.update(reading(alarm()), settled=True)
    again = AlarmLog(alarm_store(hass, "entry"))
    await again.load()
    after: list[AlarmChange] = []
    again.listen(after.append)
    await again.update(reading(), settled=False)
    await again.update(reading(alarm()), settled=True)
    assert not after
    await again.update(reading(), settled=True)
    assert [(change.change, change.alarm) for change in after] == [("cleared", alarm())]


@pytest.mark.parametrize("stage", [Stage.STALE, Stage.LOST])
async def test_old_reading_tells_nothing(log: AlarmLog, told: list[AlarmChange], stage: Stage) -> None:
    """Only what is fresh is news."""
    await log.update(reading(alarm(), stage=stage), settled=True)
    assert not told


async def test_silent_device_does_not_clear_its_alarms(log: AlarmLog, told: list[AlarmChange]) -> None:
    """Who says nothing does not say that it is over."""
    await log.update(reading(alarm()), settled=True)
    await log.update(reading(reachable={"inverter_1": False}), settled=True)
    assert len(told) == 1


async def test_last_hundred_changes_are_kept(log: AlarmLog) -> None:
    """Older ones are dropped."""
    for number in range(KEPT):
        await log.update(reading(alarm(str(number))), settled=True)
    assert len(log.changes) == KEPT
    assert log.changes[-1]["code"] == str(KEPT - 1)
    assert log.changes[-1]["change"] == "occurred"
    assert (log.changes[0]["change"], log.changes[0]["code"]) == ("cleared", str(KEPT // 2 - 1))


async def test_listener_can_leave(log: AlarmLog) -> None:
    """After leaving it hears nothing."""
    heard: list[AlarmChange] = []
    log.listen(heard.append)()
    await log.update(reading(alarm()), settled=True)
    assert not heard
