"""How long one whole cycle of control takes in Home Assistant while nothing has to be written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
import gc
from statistics import median
from time import thread_time

from custom_components.energy_storage.engine.settings import SettingValue
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .figures import BenchmarkError, Figure, Options
from .home import home
from .straight import StraightPlant, straight_plant

_NOON = datetime(2026, 6, 21, 11, tzinfo=UTC)
_PLANT = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=60.0), enter_s=0.0)
_CYCLES = 300
_ON: Mapping[str, SettingValue] = {"control": "on", "outage_consent": True, "unattended_consent": True}
_LIMITS: Mapping[str, SettingValue] = {
    "max_charge_w": 4_000,
    "max_discharge_w": 4_000,
    "export_limit_w": 3_000,
    "import_limit_w": 6_000,
    "charge_cutoff_soc_pct": 90,
    "backup_reserve_soc_pct": 30,
}


async def measure(_: Options) -> Sequence[Figure]:
    """Let a plant be decided on while all is well: inputs, step, plan, and what is shown of them."""
    async with home() as hass, straight_plant(hass, _PLANT, _NOON) as plant:
        await plant.settle()
        await plant.entry.runtime_data.settings.async_set(**_ON)
        plain = await _took_ms(plant)
        await plant.entry.runtime_data.settings.async_set(**_LIMITS)
        limited = await _took_ms(plant)
    return [_figure("its own self-consumption", plain), _figure("all limits, in remote control", limited)]


async def _took_ms(plant: StraightPlant) -> list[float]:
    runtime = plant.entry.runtime_data
    controller, cycle = runtime.controller, runtime.cycle
    if controller is None:
        raise BenchmarkError("the plant cannot be commanded")
    for _ in range(3):
        await plant.tick()
    took_ms, written = list[float](), len(plant.sim.writes)
    gc.collect()
    for _ in range(_CYCLES):
        await plant.tick()
        state = cycle.reading().state
        started = thread_time()
        await controller.cycle(state)
        took_ms.append((thread_time() - started) * 1000)
    if len(plant.sim.writes) != written:
        raise BenchmarkError("something was written meanwhile")
    return took_ms


def _figure(name: str, took_ms: list[float]) -> Figure:
    slow = f"longest {max(took_ms):.1f} ms"
    return Figure(name=f"a cycle of control, {name}", value=median(took_ms), unit="ms", note=slow)
