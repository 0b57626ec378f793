"""Bits of alarm words become alarms by the table of their profile; none is dropped, none is told twice."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.engine.plant import AlarmLevel, GridState
from custom_components.energy_storage.vendors.chint.alarms import AlarmLog, WordReading
from custom_components.energy_storage.vendors.chint.loader import shipped

from .plants import Rig, on, plant

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
STRING, SCE, ECH = (shipped()[name] for name in ("cps_403x", "sce", "ech_th"))


def word(row: str, bits: int | None, device: str = "inverter_1") -> WordReading:
    """Give an alarm word."""
    return WordReading(device=device, row=row, bits=bits)


def test_a_bit_is_named_as_the_maker_does() -> None:
    """Code, text and level of the profile's own table."""
    (alarm,) = AlarmLog().update(STRING, [word("fault1_bits", 1 << 12)], NOON)
    assert (alarm.code, alarm.text) == ("Protect0120", "Power module")
    assert (alarm.level, alarm.since, alarm.device) == (AlarmLevel.IMPORTANT, NOON, "inverter_1")


def test_a_bit_that_nobody_knows_is_shown() -> None:
    """By its register and number."""
    (alarm,) = AlarmLog().update(STRING, [word("fault4_bits", 1 << 9)], NOON)
    assert (alarm.code, alarm.text) == ("fault4_bits_bit_9", "fault4_bits bit 9")
    assert alarm.level is AlarmLevel.UNKNOWN


def test_a_guess_is_called_unconfirmed() -> None:
    """The bit positions of ECH alarms were never seen."""
    (alarm,) = AlarmLog().update(ECH, [word("warning_bits", 1 << 4)], NOON)
    assert (alarm.code, alarm.text) == ("Warn0040", "Low Batt (unconfirmed)")
    assert alarm.level is AlarmLevel.UNKNOWN


def test_an_alarm_keeps_its_time() -> None:
    """While its bit is set, and while its word is not known; after a recovery it begins anew."""
    log = AlarmLog()
    log.update(SCE, [word("fault_word_1", 1)], NOON)
    (still,) = log.update(SCE, [word("fault_word_1", 1)], LATER)
    (unknown,) = log.update(SCE, [word("fault_word_1", None)], LATER)
    assert still.since == unknown.since == NOON
    assert not log.update(SCE, [word("fault_word_1", 0)], LATER)
    (again,) = log.update(SCE, [word("fault_word_1", 1)], LATER)
    assert again.since == LATER


def test_every_bit_of_every_word_has_a_code_of_its_own() -> None:
    """Known or not: two alarms are never one."""
    for profile in shipped().values():
        words = [word(row.name, 0xFFFF) for row in profile.rows.values() if row.type == "bits"]
        alarms = AlarmLog().update(profile, words, NOON)
        assert len({alarm.code for alarm in alarms}) == 16 * len(words)


FAULTS = {
    "bms_loss": "2013.8",
    "undervoltage": "101F.1",
    "underfrequency": "101F.4",
    "utility_loss": "101F.2",
    "meter_loss": "1020.6",
}


async def codes(rig: Rig) -> set[str]:
    """Give the alarms that are there now."""
    return {alarm.code for alarm in (await rig.read(after_s=60)).alarms}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_goes_wrong_is_an_alarm(fault: str) -> None:
    """It occurs, and it recovers."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        assert FAULTS[fault] not in await codes(rig)
        sim.faults.add(fault)
        assert FAULTS[fault] in await codes(rig)
        sim.faults.remove(fault)
        await rig.read(after_s=60)
        assert FAULTS[fault] not in await codes(rig)


async def test_an_unknown_alarm_is_an_alarm() -> None:
    """A bit that is in no table."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        sim.set_raw("fault_word_3", (1 << 15,))
        assert "fault_word_3_bit_15" in await codes(rig)


async def test_a_lost_grid_is_told() -> None:
    """By the alarm that says so, within one poll."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        assert (await rig.read()).grid_state is GridState.ON_GRID
        sim.faults.add("utility_loss")
        assert (await rig.read()).grid_state is GridState.OFF_GRID


async def test_all_bits_set_is_no_alarm() -> None:
    """It is how a register says that it is not there; then nobody knows whether there is a grid, either."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        sim.set_raw("fault_word_2", (0xFFFF,))
        state = await rig.read()
        assert not state.alarms
        assert state.grid_state is GridState.UNKNOWN


async def test_ech_alarms_wait_for_the_owner() -> None:
    """Their words are guessed: switched on, they are shown as unconfirmed."""
    async with plant("ech_th").serving() as sim:
        sim.faults.add("utility_loss")
        async with on(sim) as rig:
            assert not await codes(rig)
        async with on(sim, options={"assumed_alarms": True}) as rig:
            assert "Protect0120" in await codes(rig)
            assert (await rig.read()).grid_state is GridState.UNKNOWN
