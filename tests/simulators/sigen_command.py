"""The command line of the simulated Sigen plant."""

import argparse
import asyncio
from datetime import datetime
from pathlib import Path
import signal

from .dump import load
from .plant import PlantConfig
from .sigen import SigenConfig, SigenSimulator
from .sigen_faults import SIGEN_FAULTS
from .sigen_map import VERSIONS

TEXT = "a Sigen plant: inverters, battery and chargers behind one Modbus TCP server"
SINGLE_PHASE_CAR_W = 3_700.0
"""A common plug-in car, which leaves something for the battery."""
_LOOK_EVERY_S = 0.2


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only a Sigen plant has."""
    parser.add_argument(
        "--firmware", help="SPC112, or a whole firmware string; decides the version by itself"
    )
    parser.add_argument(
        "--version", choices=VERSIONS, help="protocol version (default: what fits the firmware)"
    )
    parser.add_argument("--inverters", type=_units, default=(1,), metavar="1,2", help="unit ids")
    parser.add_argument("--ac-charger", type=_units, default=(), metavar="3", help="unit ids")
    parser.add_argument("--dc-charger", action="store_true", help="one at the first inverter")
    parser.add_argument("--local-time", action="store_true", help="the clock counts local instead of UTC")
    parser.add_argument(
        "--load", type=Path, metavar="DUMP.json", help="serve the registers of a diagnostics file"
    )
    parser.add_argument("--log-writes", action="store_true", help="print each register that a client changes")
    known = "; ".join(f"{name}: {kind.text}" for name, kind in SIGEN_FAULTS.items()).replace("%", "%%")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[=VALUE]", help=f"repeatable. {known}"
    )


async def run(options: argparse.Namespace) -> None:
    """Serve until cancelled; each SIGUSR1 moves the plant an hour on."""
    sim = SigenSimulator(config_of(options))
    for text in options.fault:
        name, _, value = text.partition("=")
        sim.faults.add(name, float(value) if value else None)
    for vehicle in (sim.plant.ac_ev, sim.plant.dc_ev):
        if vehicle is not None:
            vehicle.connected = vehicle.charging = True
            vehicle.energy_needed_wh = 30_000.0
    if sim.plant.ac_ev is not None:
        sim.plant.ac_ev.max_power_w = SINGLE_PHASE_CAR_W
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, sim.advance, 3600.0)
    async with sim.serving(options.host, options.port):
        shown = options.load.name if options.load else f"{sim.model.version}, SPC{sim.model.spc}"
        print(f"Sigen plant ({shown}) on {sim.host}:{sim.port}", flush=True)  # noqa: T201  the one line that says it listens
        if options.log_writes:
            await _log_writes(sim)
        await asyncio.Event().wait()


async def _log_writes(sim: SigenSimulator) -> None:
    """Print what clients change, until cancelled."""
    told = 0
    while True:
        for write in sim.writes[told:]:
            print(f"{write.at:%H:%M:%S} unit {write.unit} {write.name} = {write.value}", flush=True)  # noqa: T201  asked for
        told = len(sim.writes)
        await asyncio.sleep(_LOOK_EVERY_S)


def config_of(options: argparse.Namespace) -> SigenConfig:
    """Turn the command line into a plant."""
    return SigenConfig(
        plant=PlantConfig(
            seed=options.seed,
            latitude=options.latitude,
            longitude=options.longitude,
            time_zone=options.time_zone,
        ),
        firmware=options.firmware,
        version=options.version,
        inverters=options.inverters,
        ac_chargers=options.ac_charger,
        dc_charger=options.inverters[0] if options.dc_charger else None,
        local_time_base=options.local_time,
        start=datetime.fromisoformat(options.start).astimezone() if options.start else None,
        speed=options.speed,
        recorded=load(options.load) if options.load else {},
    )


def _units(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
