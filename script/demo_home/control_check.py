"""Control from end to end: the plant obeys, outlives Home Assistant safely, and is handed back."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import signal
from typing import Any

from tests.simulators.raw_client import connected

from .api import HomeAssistantApi
from .plant import DOMAIN
from .processes import HOST, DemoError

_PATIENCE_S = 60
_PLANT = 247
_REMOTE, _MODE, _CHARGE_LIMIT, _CUTOFF = 40029, 40031, 40032, 40047
_SOC, _GRID_W, _BATTERY_W = 30014, 30005, 30037
_SELF_CONSUMPTION, _CHARGE_PV_FIRST = 2, 4
_POWER_W = 3_000
_HOURS_ALONE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The demo while it runs."""

    api: HomeAssistantApi
    ids: dict[str, str]
    entry_id: str
    neighbours: tuple[str, ...]
    """Ids of the config entries of the other plants, as `entry_id` is that of this one."""
    plant: Process
    plant_port: int
    home: Process


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRegisters:
    """What the plant itself says, asked without Home Assistant."""

    remote: int
    mode: int
    charge_limit_w: int
    cutoff_pct: float
    soc_pct: float
    grid_w: int
    battery_w: int


async def look_at(port: int) -> PlantRegisters:
    """Ask the plant over a connection of our own."""
    async with connected(HOST, port) as client:

        async def number(address: int, count: int = 1) -> int:
            return int.from_bytes(bytes.fromhex(await client.read(_PLANT, address, count)), signed=count > 1)

        return PlantRegisters(
            remote=await number(_REMOTE),
            mode=await number(_MODE),
            charge_limit_w=await number(_CHARGE_LIMIT, 2),
            cutoff_pct=await number(_CUTOFF) / 10,
            soc_pct=await number(_SOC) / 10,
            grid_w=await number(_GRID_W, 2),
            battery_w=await number(_BATTERY_W, 2),
        )


async def switch_on_and_charge(running: Running, tell: Callable[[str], None]) -> float:
    """Switch control on, change the mode, charge from the grid; give the SOC at which the charge ends.

    Raises:
        DemoError: the plant does not obey in time; says what was waited for.

    """
    api, ids = running.api, running.ids
    await _call(api, "switch", "turn_on", entity_id=ids["control"])
    await _shown(api, ids, command="self_consume", command_state="confirmed")
    tell("Control is on: the plant serves its house by itself")
    await _call(api, "select", "select_option", entity_id=ids["mode"], option="standby")
    await _shown(api, ids, command="idle", command_state="confirmed")
    await _obeys(running, lambda plant: plant.remote == 1 and abs(plant.battery_w) < 50, "stand by")  # noqa: PLR2004
    tell("Standby: the battery rests")
    await _call(api, "select", "select_option", entity_id=ids["mode"], option="self_consumption")
    soc_pct = (await look_at(running.plant_port)).soc_pct
    target = min(100.0, round(soc_pct) + 20.0)
    await _act(running, "force_charge", power_w=_POWER_W, target_soc_pct=target, from_grid=True)
    await _shown(api, ids, command="charge", command_state="confirmed")
    charging = lambda plant: plant.mode == _CHARGE_PV_FIRST and plant.battery_w > _POWER_W - 100  # noqa: E731
    await _obeys(running, charging, "charge")
    tell(f"The plant charges with {_POWER_W} W up to {target:.0f} %")
    return target


async def left_alone(running: Running, target_pct: float, tell: Callable[[str], None]) -> None:
    """Kill Home Assistant, and look at the plant some hours later.

    Raises:
        DemoError: it has passed a limit meanwhile.

    """
    running.home.kill()
    await running.home.wait()
    tell(f"Home Assistant was killed; {_HOURS_ALONE} hours pass for the plant")
    for _ in range(_HOURS_ALONE):
        running.plant.send_signal(signal.SIGUSR1)
        await asyncio.sleep(0.5)
        plant = await look_at(running.plant_port)
        if plant.battery_w > _POWER_W + 100 or plant.soc_pct > target_pct + 1:
            raise DemoError(f"left alone, the plant passes its limits: {plant}")
    if abs(plant.soc_pct - target_pct) > 1:
        raise DemoError(f"the charge did not end at {target_pct} %: {plant}")
    tell(f"It stopped by itself at {plant.soc_pct} %")


async def adopt_and_hand_back(running: Running, tell: Callable[[str], None]) -> None:
    """See that a new Home Assistant knows what the plant holds, and gives all of it back.

    Raises:
        DemoError: it does not.

    """
    api, ids = running.api, running.ids
    await _shown(api, ids, command="charge", command_state="confirmed")
    tell("Home Assistant is back and knows the command that the plant still holds")
    await _call(api, "switch", "turn_off", entity_id=ids["control"])
    await _obeys(
        running,
        lambda plant: (plant.remote, plant.mode, plant.cutoff_pct) == (0, _SELF_CONSUMPTION, 100.0),
        "be handed back",
    )
    tell("Control is off: the plant is as it was found")


async def _call(api: HomeAssistantApi, domain: str, service: str, **fields: Any) -> Any:
    return await api.command("call_service", domain=domain, service=service, service_data=fields)


async def _act(running: Running, action: str, **fields: Any) -> Any:
    return await _call(running.api, DOMAIN, action, config_entry=running.entry_id, **fields)


async def _shown(api: HomeAssistantApi, ids: dict[str, str], **wanted: str) -> None:
    async def seen() -> str | None:
        states = {state["entity_id"]: state["state"] for state in await api.command("get_states")}
        shown = {key: states.get(ids[key]) for key in wanted}
        return None if shown == wanted else f"Home Assistant shows {shown} instead of {wanted}"

    await _until(seen)


async def _obeys(running: Running, does: Callable[[PlantRegisters], bool], what: str) -> None:
    async def seen() -> str | None:
        plant = await look_at(running.plant_port)
        return None if does(plant) else f"the plant does not {what}: {plant}"

    await _until(seen)


async def _until(look: Callable[[], Awaitable[str | None]]) -> None:
    """Look once a second until nothing is wrong any more."""
    for _ in range(_PATIENCE_S):
        if (wrong := await look()) is None:
            return
        await asyncio.sleep(1)
    raise DemoError(f"after {_PATIENCE_S} s {wrong}")
