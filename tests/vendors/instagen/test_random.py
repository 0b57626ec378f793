"""Whatever the stick says, readings are sane, unknown, or an error of ours."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.plant import PlantState, Value
from custom_components.energy_storage.vendors.driver import DriverError
from custom_components.energy_storage.vendors.instagen import live_data, messages
from custom_components.energy_storage.vendors.instagen.driver import InstagenDriver
from custom_components.energy_storage.vendors.instagen.frame import answer_to
from custom_components.energy_storage.vendors.instagen.link import Link, Request
from custom_components.energy_storage.vendors.instagen.messages import Command
from custom_components.energy_storage.vendors.instagen.payload import decode, encode
from custom_components.energy_storage.vendors.instagen.settle import Settled
from custom_components.energy_storage.vendors.instagen.stick import Stick
from custom_components.energy_storage.vendors.instagen.wishes import Wishes

from .bench import ALL
from .drawn import drawn
from .test_fuzz import MORE

START = datetime(2026, 6, 21, 12, tzinfo=UTC)
RANGES = {
    "soc_pct": (0, 100),
    "soh_pct": (0, 100),
    "pv_power_w": (0, 1e6),
    "third_party_pv_power_w": (0, 1e6),
    "grid_power_w": (-1e6, 1e6),
    "battery_power_w": (-1e6, 1e6),
    "load_power_w": (-1e6, 1e6),
    "rated_energy_wh": (0, 1e7),
    "available_charge_power_w": (0, 1e6),
}


class RandomLink(Link):
    """Answers with what was drawn, without a network."""

    def __init__(self, answers: dict[int, list[bytes]]) -> None:
        """Take answers by command."""
        super().__init__("", 0, gap_s=0)
        self._drawn = answers

    async def ask(self, request: Request) -> bytes:  # type: ignore[explicit-override]  # as the real one
        """Give the next answer; the last one stays."""
        answers = self._drawn[request.command]
        payload = answers.pop(0) if len(answers) > 1 else answers[0]
        if request.command != Command.DATA:
            return payload
        asked = decode(messages.DataRequest, request.payload)
        assert answer_to(request.command) == 0xC203
        return encode(replace(decode(live_data.LiveData, payload), inverter_serial=asked.inverter_serial))


async def readings(answers: dict[int, list[bytes]]) -> tuple[PlantState | None, list[Value]]:
    """Connect and read twice; give the last state and all readings."""
    stick = Stick(RandomLink(answers), now=lambda: START)
    driver = InstagenDriver(stick, Settled({}), Wishes(), now=lambda: START, monotonic=lambda: 5.0)
    try:
        await driver.connect(None)
        for _ in range(2):
            state = await driver.read(ALL)
    except DriverError:
        return None, []
    driver.registers()
    driver.raw()
    return state, [driver.value(point) for point in driver.points]


def plant(seed: int) -> dict[int, list[bytes]]:
    """Give what a stick of one to three inverters says at random."""
    random = Random(seed)
    refs = tuple(
        replace(drawn(messages.InverterRef, random), serial=random.randint(1, 1 << 47))
        for _ in range(random.randint(1, 3))
    )
    info = replace(drawn(messages.GatewayInfo, random), stick_serial=5, page_count=1, devices=(), gateway=())
    registry = replace(drawn(messages.Registry, random), inverters=refs, page_count=1)
    data = [replace(drawn(live_data.LiveData, random), page_count=1) for _ in range(9)]
    return {
        Command.GATEWAY_INFO: [encode(info)],
        Command.REGISTRY: [encode(registry)],
        Command.DATA: [encode(one) for one in data],
    }


@pytest.mark.timeout(0 if MORE else 120)
@settings(max_examples=MORE // 10 or 100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_random_answers_yield_sane_readings(seed: int) -> None:
    """No exception but ours, and no number outside what can be."""
    state, values = asyncio.run(readings(plant(seed)))
    assert state is not None
    for name, (low, high) in RANGES.items():
        value = getattr(state, name)
        assert value is None or low <= value <= high, name
    assert all(alarm.code and alarm.text for alarm in state.alarms)
    assert all(abs(value) < 1e10 for value in values if isinstance(value, int | float))


@pytest.mark.parametrize("payload", [b"\xff", b"", b"\x08\x01"])
async def test_answer_that_is_no_gateway_is_an_error_of_ours(payload: bytes) -> None:
    """Damaged, empty, or with a serial number and nothing else."""
    answers: dict[int, list[bytes]] = {
        Command.GATEWAY_INFO: [payload],
        Command.REGISTRY: [b""],
        Command.DATA: [b""],
        Command.APP_INFO: [b""],
    }
    assert await readings(answers) == (None, [])
