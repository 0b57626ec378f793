"""Meters word by word: what the tables of the makers mean, without a device."""

from datetime import UTC, datetime, timedelta

from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.energy_storage.engine.plant import MeterReading
from custom_components.energy_storage.vendors.driver import DriverConnectionError
from custom_components.energy_storage.vendors.meters import MODELS, model_by_key
from custom_components.energy_storage.vendors.meters.meter import MapFault, NotThisMeterError, Side
from custom_components.energy_storage.vendors.meters.modbus_meter import ModbusMeter
from custom_components.energy_storage.vendors.meters.recognise import recognise

from .words import DDSU, DTSU, KWH_1000, KWH_1234_5, ZERO, Words, line, meter

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.s = 1_000.0

    def __call__(self) -> float:
        """Give the seconds."""
        return self.s

    def now(self) -> datetime:
        """Give the time of day."""
        return NOON + timedelta(seconds=self.s)


async def connected(
    unit: MockModbusUnit, model: str = "dtsu666", side: Side = Side.SECONDARY, clock: Clock | None = None
) -> ModbusMeter:
    """Connect to a meter of this model."""
    clock = clock or Clock()
    driver = ModbusMeter(model_by_key(model), line(unit), side, now=clock.now, monotonic=clock)
    await driver.connect()
    return driver


async def fault_of(unit: MockModbusUnit) -> MapFault:
    """Give why a meter is not recognised."""
    with pytest.raises(NotThisMeterError) as caught:
        await recognise(line(unit))
    return caught.value.fault


async def test_dtsu666_is_read_as_its_table_says() -> None:
    """Tenths of volts and watts, thousandths of amperes; import is positive."""
    reading = await (await connected(meter(DTSU))).read()
    assert reading.power_w == pytest.approx(1234.5)
    assert reading.phase_power_w == pytest.approx((2000, -500, -267.1))
    assert reading.voltage_v == pytest.approx((230.1, 228.7, 231.3))
    assert reading.current_a == pytest.approx((6, 2, 1))
    assert (reading.import_kwh, reading.export_kwh) == (None, None)


async def test_ddsu666_counts_in_kilowatts() -> None:
    """What it calls -1.25 is an export of 1250 W."""
    reading = await (await connected(meter(DDSU), "ddsu666")).read()
    assert reading.power_w == pytest.approx(-1250)
    assert reading.phase_power_w == (None, None, None)
    assert reading.voltage_v == pytest.approx((230.5, None, None))
    assert reading.current_a == pytest.approx((5.5, None, None))
    assert (reading.import_kwh, reading.export_kwh) == pytest.approx((12345, 2000))


@pytest.mark.parametrize(
    ("pair", "table", "energy"),
    [
        ((0x101E, 0x1028), "Counters2019", (1234.5, 1000)),
        ((0x401E, 0x4028), "Counters2016", (1234.5, 1000)),
        ((0x4026, 0x4030), "CountersThird", (1234.5, 1000)),
        ((0x4000, None), "CountersFourth", (1234.5, None)),
    ],
)
async def test_counters_are_found_wherever_they_are(
    pair: tuple[int, int | None], table: str, energy: tuple[float, float | None]
) -> None:
    """Each of the reported places, where the meter refuses the others."""
    counters: Words = {at: words for at, words in zip(pair, (KWH_1234_5, KWH_1000), strict=True) if at}
    driver = await connected(meter(DTSU, counters))
    reading = await driver.read()
    assert driver.counters == table
    assert (reading.import_kwh, reading.export_kwh) == energy


async def test_counters_that_stand_at_zero_are_not_taken() -> None:
    """A meter of 2016 answers at the newer place, too, but never counts there."""
    driver = await connected(meter(DTSU, {0x101E: ZERO, 0x1028: ZERO, 0x401E: KWH_1234_5, 0x4028: ZERO}))
    reading = await driver.read()
    assert (reading.import_kwh, reading.export_kwh) == (1234.5, 0)


@pytest.mark.parametrize(
    "rubbish", [(0x7FC0, 0x0000), (0x7F80, 0x0000), (0xC49A, 0x5000), (0x0000, 0x0001), (0x7149, 0xF2CA)]
)
async def test_counters_that_cannot_be_true_are_not_taken(rubbish: tuple[int, int]) -> None:
    """No number, infinite, below zero, smaller than a counter's step, or beyond all bounds."""
    driver = await connected(
        meter(DTSU, {0x101E: rubbish, 0x1028: ZERO, 0x401E: KWH_1234_5, 0x4028: KWH_1000})
    )
    assert driver.counters == "Counters2016"


async def test_a_new_meter_is_asked_until_it_has_counted() -> None:
    """Once a minute; then its counters are known for good."""
    clock = Clock()
    unit = meter(DTSU, {0x101E: ZERO, 0x1028: ZERO, 0x401E: ZERO, 0x4028: ZERO})
    driver = await connected(unit, clock=clock)
    assert (await driver.read()).import_kwh is None
    unit.holding |= {0x101E: KWH_1000[0]}
    clock.s += 61
    for _ in range(4):
        reading = await driver.read()
    assert (reading.import_kwh, driver.counters) == (1000, "Counters2019")
    unit.read_events.clear()
    clock.s += 61
    for _ in range(4):
        await driver.read()
    assert {event.address for event in unit.read_events} <= {0x2006, 0x0006, 0x101E, 0x1028}


async def test_secondary_values_are_multiplied() -> None:
    """30 on the current, 2.5 on the voltage, both on power and energy."""
    unit = meter(DTSU, {0x0006: (30,), 0x0007: (25,), 0x101E: KWH_1000, 0x1028: ZERO})
    reading = await (await connected(unit)).read()
    assert reading.power_w == pytest.approx(1234.5 * 75)
    assert reading.phase_power_w == pytest.approx((150_000, -37_500, -20_032.5))
    assert reading.voltage_v[0] == pytest.approx(230.1 * 2.5)
    assert reading.current_a[0] == pytest.approx(180)
    assert reading.import_kwh == pytest.approx(75_000)


async def test_primary_values_are_not() -> None:
    """A meter that speaks of the line already keeps the same ratios."""
    unit = meter(DTSU, {0x0006: (30,), 0x0007: (25,), 0x101E: KWH_1000, 0x1028: ZERO})
    reading = await (await connected(unit, side=Side.PRIMARY)).read()
    assert (reading.power_w, reading.import_kwh) == pytest.approx((1234.5, 1000))


@pytest.mark.parametrize("ratios", [{0x0006: (0,)}, {0x0007: (0,)}, {0x0006: (10_000,)}, {0x0007: (0xFFFF,)}])
async def test_ratio_that_makes_no_sense_is_refused(ratios: Words) -> None:
    """A power that is wrong by a factor is worse than none."""
    with pytest.raises(NotThisMeterError) as caught:
        await connected(meter(DTSU, ratios))
    assert caught.value.fault is MapFault.RATIO


async def test_ratio_that_is_lost_later_costs_the_reading() -> None:
    """Rather none than one that is wrong by a factor."""
    clock = Clock()
    unit = meter(DTSU)
    driver = await connected(unit, clock=clock)
    unit.holding[0x0006] = 0
    clock.s += 61
    with pytest.raises(NotThisMeterError):
        [await driver.read() for _ in range(3)]


@pytest.mark.parametrize(("words", "model"), [(DTSU, "dtsu666"), (DDSU, "ddsu666")])
async def test_meter_is_recognised(words: Words, model: str) -> None:
    """By what it measures: neither says its name."""
    assert (await recognise(line(meter(words)))).key == model


async def test_three_phase_meter_on_one_phase_is_recognised() -> None:
    """Where the other two are not connected."""
    assert (await recognise(line(meter(DTSU, {0x2008: ZERO, 0x200A: ZERO})))).key == "dtsu666"


@pytest.mark.parametrize("order", [1, 2, 3])
async def test_other_word_order_is_named(order: int) -> None:
    """Words swapped, bytes swapped, or both: the meter says so itself, and it is right."""

    def swapped(words: tuple[int, ...]) -> tuple[int, ...]:
        if order in (2, 3):
            words = tuple((word & 0xFF) << 8 | word >> 8 for word in words)
        return words[::-1] if order in (1, 3) else words

    other = {at: swapped(words) for at, words in DTSU.items() if len(words) == 2}
    assert await fault_of(meter(DTSU, other, {0x000C: (order,)})) is MapFault.WORD_ORDER


async def test_order_alone_proves_nothing() -> None:
    """Another device may have any number there."""
    assert await fault_of(meter({0x000C: (1,), 0x2006: (230, 231)})) is MapFault.UNKNOWN_MAP


@pytest.mark.parametrize(("volts", "hertz"), [(2301, 500), (230, 50), (23010, 5000)])
async def test_meter_of_sungrows_is_named(volts: int, hertz: int) -> None:
    """In whatever scale its firmware has them."""
    inputs = {0x0061: volts, 0x0062: volts - 1, 0x0063: volts + 1, 0x0077: hertz}
    assert await fault_of(meter(inputs=inputs)) is MapFault.OEM_SUNGROW


@pytest.mark.parametrize(
    "words",
    [
        {},
        dict.fromkeys(DTSU, (0, 0)),
        dict.fromkeys(DTSU, (32704, 0)),
        {0x2000: (230, 0), 0x2002: (5, 0), 0x2004: (1250, 0), 0x200E: (500, 0)},
    ],
)
async def test_other_maps_are_refused(words: Words) -> None:
    """Nothing there, zeros, no numbers, or integers where floats should be."""
    assert await fault_of(meter(words)) is MapFault.UNKNOWN_MAP


@pytest.mark.parametrize("spoilt", [{0x2006: (0x459C, 0x4000)}, {0x2044: ZERO}, {0x2012: (0x7FC0, 0)}])
async def test_implausible_meter_is_refused(spoilt: Words) -> None:
    """500 V, 0 Hz, or a power that is no number."""
    assert await fault_of(meter(DTSU, spoilt)) is MapFault.UNKNOWN_MAP


@pytest.mark.parametrize(("words", "model"), [(DTSU, "ddsu666"), (DDSU, "dtsu666")])
async def test_meter_that_was_exchanged_is_refused(words: Words, model: str) -> None:
    """The other model in its place would be wrong by a thousand."""
    with pytest.raises(NotThisMeterError):
        await connected(meter(words), model)


async def test_silence_is_no_other_meter() -> None:
    """It is told apart from one that cannot be read."""
    unit = meter(DTSU)
    unit.fail_requests(TimeoutError())
    with pytest.raises(DriverConnectionError):
        await recognise(line(unit))


async def test_nothing_is_ever_written() -> None:
    """One of its registers clears the energy."""
    unit = meter(DTSU, {0x101E: KWH_1000, 0x1028: ZERO})
    written: list[object] = []
    unit.on_write(written.append)
    await recognise(line(unit))
    await (await connected(unit)).read()
    assert written == []


def test_meter_that_is_built_in_the_other_way_round_is_turned() -> None:
    """Powers and counters, nothing else."""
    reading = MeterReading(
        read_at=NOON,
        power_w=500,
        phase_power_w=(100, None, -400),
        voltage_v=(230, 231, 232),
        import_kwh=10,
        export_kwh=20,
    )
    turned = reading.turned()
    assert (turned.power_w, turned.phase_power_w) == (-500, (-100, None, 400))
    assert (turned.voltage_v, turned.import_kwh, turned.export_kwh) == ((230, 231, 232), 20, 10)


def test_models_have_names_of_their_own() -> None:
    """A key is kept in the owner's configuration."""
    assert [model.key for model in MODELS] == ["dtsu666", "ddsu666"]
