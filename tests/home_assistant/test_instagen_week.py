"""A week of an Instagen plant under Home Assistant, through sun and night, mode after mode, over TCP."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.vendors.instagen.write_guards import WRITES_A_DAY

from .conftest import AddInstagen
from .control_home import control_state, held_kind, override
from .instagen_home import FORCE_CHARGE, ONE, InstagenHome, with_plant
from .test_control_actions import call

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

BERLIN = ZoneInfo("Europe/Berlin")
STEP_S = 130
STEP = timedelta(seconds=STEP_S)
"""Between two readings of a plant whose owner has chosen 125 s."""
SCHEDULE: dict[str, Any] = {
    "plans": {
        "day": [
            {"start": "02:00", "end": "04:30", "action": "charge", "max_power_w": 2000, "target_soc_pct": 70},
            {"start": "04:30", "end": "06:00", "action": "hold"},
            {
                "start": "18:00",
                "end": "21:00",
                "action": "discharge",
                "max_power_w": 1500,
                "floor_soc_pct": 30,
            },
        ]
    },
    "default": "day",
    "gap": "self_consumption",
}


async def until(home: InstagenHome, day: int, hour: int, look: Callable[[], None] = lambda: None) -> None:
    """Let time pass until this hour of this day of June, where the plant stands."""
    end = datetime(2026, 6, day, hour, tzinfo=BERLIN)
    while home.clock.now < end:
        home.clock.now += STEP
        home.sim.advance(STEP_S)
        await home.runtime.cycle.tick()
        look()
    await home.hass.async_block_till_done()


@pytest.mark.timeout(600)  # a week of readings
async def test_a_week_within_the_budget(
    hass: HomeAssistant, add_instagen: AddInstagen, caplog: pytest.LogCaptureFixture
) -> None:
    """Self-consumption, a schedule, backup, forced charge and discharge: the battery does each."""
    caplog.set_level(logging.WARNING)
    await hass.config.async_set_time_zone("Europe/Berlin")
    home = await add_instagen(with_plant(ONE, soc_pct=40.0), {"fast_poll_s": "125"})
    await home.set(control="on", outage_consent=True, grid_charging=True, discharge_cutoff_soc_pct=10)
    lowest = [100.0]

    def look() -> None:
        lowest[0] = min(lowest[0], home.sim.plant.soc_pct)

    # Monday and Tuesday: self-consumption, which needs one message for both days.
    await until(home, 2, 23, look)
    assert held_kind(home) is CommandKind.SELF_CONSUME
    assert len(home.sim.writes) <= 2
    assert lowest[0] >= 9

    # Wednesday and Thursday: time-based control.
    await call(home, "set_schedule", schedule=SCHEDULE)
    await call(home, "set_mode", mode="time_of_use")
    await until(home, 3, 4)
    assert home.sim.plant.soc_pct == pytest.approx(70, abs=2)
    await until(home, 3, 19)
    assert held_kind(home) is CommandKind.DISCHARGE
    assert home.sim.plant.flows.battery_w == pytest.approx(1500, rel=0.1)
    await until(home, 4, 3)
    assert held_kind(home) is CommandKind.CHARGE
    await until(home, 4, 22)
    assert home.sim.plant.soc_pct >= 28

    # Friday: backup, filled and kept full through the evening.
    await override(home, "backup", minutes=20 * 60, target_soc_pct=95, from_grid=True)
    await until(home, 5, 8)
    assert home.sim.plant.soc_pct >= 92
    await until(home, 5, 17)
    assert home.sim.plant.soc_pct >= 90

    # Saturday: force discharge, then force charge.
    await call(home, "set_mode", mode="self_consumption")
    await override(home, "force_discharge", minutes=180, power_w=2000, floor_soc_pct=50)
    await until(home, 5, 21)
    assert home.sim.plant.soc_pct <= 55
    await override(home, "force_charge", minutes=120, power_w=2500, target_soc_pct=60, from_grid=True)
    await until(home, 5, 22)
    assert home.sim.mode == FORCE_CHARGE
    assert home.sim.plant.soc_pct == pytest.approx(60, abs=3)
    await until(home, 8, 0, look)
    assert held_kind(home) is CommandKind.SELF_CONSUME
    assert lowest[0] >= 9

    per_day = Counter(write.at.date() for write in home.sim.writes)
    assert max(per_day.values()) <= WRITES_A_DAY / 2
    assert control_state(home).value == "on"
    assert home.view.failures == 0
    assert not home.sim.cloud.blocked
    assert not [record for record in caplog.records if record.name.startswith("custom_components")]
