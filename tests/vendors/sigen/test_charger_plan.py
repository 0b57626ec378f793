"""What is written to the chargers of a Sigen plant."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.control import Request, Span
from custom_components.energy_storage.vendors.sigen.charger_plan import (
    charger_requests,
    current_plan,
    dc_power_plan,
    start_plan,
    stop_plan,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError


@pytest.mark.parametrize(
    ("kind", "address"), [(DeviceKind.AC_CHARGER, 42000), (DeviceKind.DC_CHARGER, 41000)]
)
def test_chargers_start_with_zero(kind: DeviceKind, address: int) -> None:
    """The other way round than plant and inverter; one register, so 0x06."""
    (start,), (stop,) = start_plan(kind, "charger_1"), stop_plan(kind, "charger_1")
    assert (start.address, start.words, start.function, start.device) == (address, (0,), 6, "charger_1")
    assert (stop.address, stop.words, stop.function) == (address, (1,), 6)


@pytest.mark.parametrize(
    ("asked_a", "words"), [(6.0, (0, 600)), (10.009, (0, 1000)), (16.0, (0, 1600)), (40.0, (0, 1600))]
)
def test_current_is_bounded_by_charger_and_breaker(asked_a: float, words: tuple[int, int]) -> None:
    """Rounded down, the smaller of both, whatever was allowed before."""
    for rated_a, breaker_a in ((16.0, 32.0), (32.0, 16.0)):
        (write,) = current_plan("ac_charger_3", asked_a, 32.0, rated_a, breaker_a)
        assert (write.address, write.words, write.function) == (42001, words, 0x10)


@pytest.mark.parametrize(
    ("asked_a", "rated_a", "breaker_a", "code"),
    [
        (5.99, 16.0, 32.0, "below_minimum"),
        (0.0, 16.0, 32.0, "below_minimum"),
        (16.0, 16.0, 5.0, "below_minimum"),
        (16.0, None, 32.0, "ratings_unknown"),
        (16.0, 16.0, None, "ratings_unknown"),
        (16.0, 16.0, 0.0, "ratings_unknown"),
    ],
)
def test_a_current_that_cannot_be_is_refused(
    asked_a: float, rated_a: float | None, breaker_a: float | None, code: str
) -> None:
    """Below 6 A there is stopping; without both ratings nobody knows what is safe."""
    with pytest.raises(CommandRefusedError) as caught:
        current_plan("ac_charger_3", asked_a, None, rated_a, breaker_a)
    assert caught.value.code == code


def test_a_current_that_is_held_is_not_written() -> None:
    """Only what differs."""
    assert current_plan("ac_charger_3", 10.004, 10.0, 16.0, 32.0) == ()


@pytest.mark.parametrize(
    ("asked_w", "words"), [(1_000, (0, 1_000)), (3_000.9, (0, 3_000)), (20_000, (0, 12_500))]
)
def test_dc_power_is_bounded_by_its_rating(asked_w: float, words: tuple[int, int]) -> None:
    """Rounded down, whatever was allowed before."""
    (write,) = dc_power_plan("dc_charger_1", asked_w, 25_000, 12_500)
    assert (write.address, write.words, write.function) == (41002, words, 0x10)


@pytest.mark.parametrize(
    ("asked_w", "rated_w", "code"),
    [
        (0, 12_500, "below_minimum"),
        (999, 12_500, "below_minimum"),
        (3_000, None, "not_supported"),
        (3_000, 0, "not_supported"),
    ],
)
def test_a_dc_power_that_cannot_be_is_refused(asked_w: float, rated_w: float | None, code: str) -> None:
    """At 0 W a car latches a fault; firmware before V2.9 has no limit."""
    with pytest.raises(CommandRefusedError) as caught:
        dc_power_plan("dc_charger_1", asked_w, None, rated_w)
    assert caught.value.code == code


def test_a_dc_power_that_is_held_is_not_written() -> None:
    """Only what differs."""
    assert dc_power_plan("dc_charger_1", 3_000, 3_000, 12_500) == ()


SWITCHED = {Request.START: None, Request.STOP: None}
AC = {"output_current_limit": 10.0, "rated_current": 32.0, "input_breaker_rated_current": 16.0}
DC = {"max_charge_power_limit": 7_000.0, "rated_charge_power": 11_000.0}


@pytest.mark.parametrize(
    ("kind", "registers", "limits"),
    [
        (DeviceKind.AC_CHARGER, AC, {Request.LIMIT_CURRENT: Span(low=6.0, high=16.0, now=10.0)}),
        (DeviceKind.DC_CHARGER, DC, {Request.LIMIT_POWER: Span(low=1_000.0, high=11_000.0, now=7_000.0)}),
    ],
)
def test_a_charger_says_what_can_be_asked_of_it(
    kind: DeviceKind, registers: dict[str, float], limits: dict[Request, Span]
) -> None:
    """Start and stop always; the limit once all is known that bounds it, and where that leaves anything."""
    assert charger_requests(kind, registers.get) == SWITCHED | limits
    for missing in registers:
        known = {name: value for name, value in registers.items() if name != missing}
        assert charger_requests(kind, known.get) == SWITCHED
    small = registers | {"input_breaker_rated_current": 0.0, "rated_charge_power": 0.0}
    assert charger_requests(kind, small.get) == SWITCHED


def test_nothing_of_that_is_asked_of_an_inverter() -> None:
    """It has registers with such names on the same unit id."""
    assert charger_requests(DeviceKind.INVERTER, (AC | DC).get) == {}
