"""Whatever the registers hold, readings are sane, unknown, or an error of ours."""

import asyncio
from random import Random

from hypothesis import given, settings, strategies as st
from modbus_connection.mock import MockModbusConnection

from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.vendors.driver import DriverError, Due, LinkSetup, Tier
from custom_components.energy_storage.vendors.fields import fields_of
from custom_components.energy_storage.vendors.sigen.driver import create
from custom_components.energy_storage.vendors.sigen.registers import TABLES

from .plants import Hands

SETUP = LinkSetup(plant_unit_id=247, inverter_unit_ids=(1,), ac_charger_unit_ids=(2,), request_spacing_s=0)
RANGES = {
    "soc_pct": (0, 100),
    "soh_pct": (0, 100),
    "pv_power_w": (0, 5e7),
    "grid_power_w": (-5e7, 5e7),
    "battery_power_w": (-5e7, 5e7),
    "ev_power_w": (0, 2e8),
    "rated_energy_wh": (0, 1e11),
    "charge_cutoff_soc_pct": (0, 100),
}
# Extremes are where decoders go wrong, so half of the words are such.
WORDS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0xFFFE, 0x4142)


async def readings(seed: int, spoilt: int) -> tuple[PlantState | None, list[object]]:
    """Read a device whose registers are random, twice; give the last state and all readings."""
    random = Random(seed)
    connection = MockModbusConnection()
    for unit_id in (247, 1, 2):
        unit = connection.for_unit(unit_id)
        for tables in TABLES.values():
            for table in tables:
                space = unit.input if table.register_space == "input" else unit.holding
                for field in fields_of(table).values():
                    for address in range(field.address, field.address + field.count):
                        extreme = random.random() < spoilt / 100
                        space[address] = random.choice(WORDS) if extreme else random.randrange(500)
    hands = Hands()
    driver = create(connection.for_unit, SETUP, now=hands.now, monotonic=hands.monotonic)
    state = None
    try:
        await driver.connect(None)
        for _ in range(2):
            hands.seconds += 5
            state = await driver.read(Due(tiers=frozenset(Tier)))
    except DriverError:
        return None, []
    return state, [driver.value(point) for point in driver.points]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), spoilt=st.integers(0, 100))
def test_random_registers_yield_sane_readings(seed: int, spoilt: int) -> None:
    """No exception but ours, and no number outside what can be."""
    state, values = asyncio.run(readings(seed, spoilt))
    if state is not None:
        for name, (low, high) in RANGES.items():
            value = getattr(state, name)
            assert value is None or low <= value <= high, name
        assert all(alarm.code and alarm.text for alarm in state.alarms)
    assert all(abs(value) < 1e10 for value in values if isinstance(value, int | float))
