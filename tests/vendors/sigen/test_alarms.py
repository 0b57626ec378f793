"""Alarm words turned into alarms."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.engine.plant import AlarmLevel
from custom_components.energy_storage.vendors.sigen.alarms import MEANINGS, AlarmLog, WordReading

NOW = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def word(device: str, name: str, bits: int, read_at: float = 0.0) -> WordReading:
    """Build a word as a device gave it."""
    merged = device == "plant" and not name.startswith("plant")
    return WordReading(device=device, word=name, bits=bits, read_at=read_at, merged=merged)


def test_bits_become_the_maker_s_codes() -> None:
    """Bit 2 of the first inverter word is code 1003."""
    alarms = AlarmLog().update([word("inverter_1", "pcs_1", 0b10100)], NOW)
    assert [(a.device, a.code, a.level) for a in alarms] == [
        ("inverter_1", "1003", AlarmLevel.CRITICAL),
        ("inverter_1", "1005", AlarmLevel.GENERAL),
    ]


def test_a_bit_that_nobody_has_described_is_shown() -> None:
    """An unknown alarm is still an alarm."""
    (alarm,) = AlarmLog().update([word("inverter_1", "pcs_2", 1 << 6)], NOW)
    assert (alarm.code, alarm.text, alarm.level) == ("pcs_2_bit_6", "Unknown bit 6", AlarmLevel.UNKNOWN)


def test_an_alarm_keeps_its_beginning_while_it_stays() -> None:
    """The device keeps no history, so we do."""
    log = AlarmLog()
    log.update([word("inverter_1", "ess", 1)], NOW)
    (alarm,) = log.update([word("inverter_1", "ess", 1)], LATER)
    assert alarm.since == NOW


def test_an_alarm_that_came_back_begins_anew() -> None:
    """What went away in between is another alarm."""
    log = AlarmLog()
    for bits in (1, 0):
        log.update([word("inverter_1", "ess", bits)], NOW)
    (alarm,) = log.update([word("inverter_1", "ess", 1)], LATER)
    assert alarm.since == LATER


def test_a_silent_device_does_not_make_its_alarm_new() -> None:
    """Not heard is not gone."""
    log = AlarmLog()
    log.update([word("inverter_1", "ess", 1)], NOW)
    assert log.update([], NOW) == ()
    (alarm,) = log.update([word("inverter_1", "ess", 1)], LATER)
    assert alarm.since == NOW


def test_an_inverter_s_alarm_is_not_told_again_by_the_plant() -> None:
    """The plant's words are the OR of the inverters'."""
    words = [word("inverter_1", "pcs_1", 4, 1.0), word("plant", "pcs_1", 4, 2.0)]
    assert [alarm.device for alarm in AlarmLog().update(words, NOW)] == ["inverter_1"]


def test_the_plant_waits_for_its_inverters() -> None:
    """An alarm that the plant shows first is told once, by the inverter that has it."""
    log = AlarmLog()
    assert log.update([word("plant", "pcs_1", 4, 10.0), word("inverter_1", "pcs_1", 0, 9.0)], NOW) == ()
    (alarm,) = log.update([word("plant", "pcs_1", 4, 15.0), word("inverter_1", "pcs_1", 4, 16.0)], NOW)
    assert alarm.device == "inverter_1"


def test_the_plant_speaks_when_no_inverter_has_it() -> None:
    """An alarm that only the plant shows is not lost."""
    log = AlarmLog()
    log.update([word("plant", "pcs_1", 4, 10.0), word("inverter_1", "pcs_1", 0, 11.0)], NOW)
    (alarm,) = log.update([word("plant", "pcs_1", 4, 15.0), word("inverter_1", "pcs_1", 0, 11.0)], NOW)
    assert alarm.device == "plant"


def test_the_plant_does_not_echo_an_alarm_that_ended() -> None:
    """The inverter is newer: the plant's word still has the bit of before."""
    log = AlarmLog()
    both = [word("plant", "pcs_1", 4, 10.0), word("inverter_1", "pcs_1", 4, 11.0)]
    assert len(log.update(both, NOW)) == 1
    assert log.update([word("plant", "pcs_1", 4, 15.0), word("inverter_1", "pcs_1", 0, 16.0)], NOW) == ()


def test_the_plant_speaks_for_silent_inverters() -> None:
    """With no inverter to ask, the OR is all there is."""
    (alarm,) = AlarmLog().update([word("plant", "ess", 1, 10.0)], NOW)
    assert (alarm.device, alarm.code) == ("plant", "2001")


@pytest.mark.parametrize("name", MEANINGS)
def test_every_bit_of_every_word_has_a_code(name: str) -> None:
    """Sixteen bits are sixteen different alarms."""
    codes = [meaning.code for _, meaning in word("x", name, 0xFFFF).each()]
    assert len(set(codes)) == 16
