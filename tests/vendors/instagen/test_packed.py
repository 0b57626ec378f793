"""Windows, dates, weekdays and prices as the stick packs them."""

from datetime import time

import pytest

from custom_components.energy_storage.vendors.instagen.packed import (
    DateRange,
    Window,
    price,
    weekday_mask,
    weekdays_of,
)


def test_window_of_the_facts() -> None:
    """The example of section 5.1, there and back."""
    window = Window(time(4, 31), time(0, 29))
    assert window.packed() == 0x041F001D
    assert Window.of(0x041F001D) == window


def test_window_of_zeros_is_none() -> None:
    """From 00:00 to 00:00 is how the stick says that none is set."""
    assert Window.of(0) is None


@pytest.mark.parametrize("packed", [0x18000000, 0x003C0000, -1, 1 << 32])
def test_time_that_no_day_has_is_refused(packed: int) -> None:
    """24:00, minute 60, and what is no four bytes."""
    with pytest.raises(ValueError, match=r"must be in|no four bytes"):
        Window.of(packed)


def test_date_range_of_the_facts() -> None:
    """The example of section 5.1, there and back."""
    dates = DateRange((1, 1), (28, 2))
    assert dates.packed() == 0x01011C02
    assert DateRange.of(0x01011C02) == dates


@pytest.mark.parametrize("packed", [0x00010101, 0x01000101, 0x1E020101, 0x0101010D, 0x20010101])
def test_day_that_no_year_has_is_refused(packed: int) -> None:
    """Day 0, month 0, 30 February, month 13, 32 January."""
    with pytest.raises(ValueError, match="no year has"):
        DateRange.of(packed)


def test_weekdays() -> None:
    """Bit 0 is Monday."""
    assert weekday_mask(range(5)) == 31
    assert weekday_mask({5, 6}) == 96
    assert weekdays_of(96) == {5, 6}
    with pytest.raises(ValueError, match="weekdays"):
        weekday_mask({7})


@pytest.mark.parametrize(("amount", "hundredths"), [(0.29, 29), (0.285, 29), (0.28, 28), (0, 0), (1.0, 100)])
def test_price_is_rounded(amount: float, hundredths: int) -> None:
    """0.29 is not 28, which is what cutting off makes of it."""
    assert price(amount) == hundredths


@pytest.mark.parametrize("amount", [-0.01, 1e9])
def test_price_that_the_stick_cannot_hold_is_refused(amount: float) -> None:
    """It has no negative prices."""
    with pytest.raises(ValueError, match="price"):
        price(amount)
