"""Whatever the registers hold, readings are sane, unknown, or an error of ours."""

import asyncio
from random import Random

from hypothesis import given, settings, strategies as st
from modbus_connection.mock import MockModbusConnection

from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.vendors.chint.driver import create
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.shipped import NAMES
from custom_components.energy_storage.vendors.driver import DriverError, LinkSetup

from .plants import ALL, BERLIN, Hands

RANGES = {
    "soc_pct": (0, 100),
    "soh_pct": (0, 100),
    "pv_power_w": (0, 1e7),
    "grid_power_w": (-1e5, 1e5),
    "battery_power_w": (-2e7, 2e7),
    "rated_power_w": (0, 1e6),
}
# Extremes are where decoders go wrong, so half of the words are such.
WORDS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0xFFFE, 0x4142)


async def readings(name: str, seed: int, spoilt: int) -> tuple[PlantState | None, list[object]]:
    """Read a device whose registers are random, twice; give the last state and all readings."""
    random, profile = Random(seed), shipped()[name]
    connection = MockModbusConnection()
    unit = connection.for_unit(1)
    for row in profile.rows.values():
        space = unit.input if row.space == "input" else unit.holding
        for address in range(row.address, row.last + 1):
            extreme = random.random() < spoilt / 100
            space[address] = random.choice(WORDS) if extreme else random.randrange(500)
    hands = Hands()
    groups = {f"assumed_{group}": True for group in profile.assumed_groups}
    setup = LinkSetup(plant_unit_id=1, request_spacing_s=0, options=groups | {"profile": name}, zone=BERLIN)
    driver = create(connection.for_unit, setup, now=hands.now, monotonic=hands.monotonic)
    state = None
    try:
        await driver.connect(None)
        for _ in range(2):
            hands.seconds += 10
            state = await driver.read(ALL)
    except DriverError:
        return None, []
    assert driver.control is not None
    driver.control.holding()
    return state, [driver.value(point) for point in driver.points]


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32), spoilt=st.integers(0, 100))
def test_random_registers_yield_sane_readings(name: str, seed: int, spoilt: int) -> None:
    """No exception but ours, and no number outside what can be."""
    state, values = asyncio.run(readings(name, seed, spoilt))
    if state is not None:
        for key, (low, high) in RANGES.items():
            value = getattr(state, key)
            assert value is None or low <= value <= high, key
        assert all(alarm.code and alarm.text for alarm in state.alarms)
    assert all(abs(value) < 1e10 for value in values if isinstance(value, int | float))
