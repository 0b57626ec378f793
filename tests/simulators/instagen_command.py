"""The command line of the simulated Instagen stick."""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
import json
from pathlib import Path
import signal

from .instagen import InstagenConfig, InstagenSimulator
from .instagen_config import single_phase_home
from .instagen_faults import INSTAGEN_FAULTS
from .plant import PlantConfig

TEXT = "an Instagen stick: hybrid inverters and battery behind one TCP port of its own protocol"
_LOOK_EVERY_S = 0.2
_AN_HOUR_S = 3600.0
_ENCRYPTIONS = ("standard", "all")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only an Instagen system has."""
    parser.add_argument("--inverters", type=int, default=1, metavar="N", help="in parallel")
    parser.add_argument("--three-phase", action="store_true", help="HYT with a large battery, else HYS")
    parser.add_argument("--pages", type=int, choices=(1, 2), default=1, help="of the live data")
    parser.add_argument("--refresh", type=float, default=10.0, metavar="S", help="seconds between new values")
    parser.add_argument("--mode", type=int, choices=range(1, 9), default=1, help="battery mode at the start")
    parser.add_argument(
        "--refuses-mode", type=int, action="append", default=[], metavar="MODE", help="as 7 and 8; repeatable"
    )
    parser.add_argument(
        "--encrypted",
        choices=_ENCRYPTIONS,
        help="standard frames; all: storage is silent too",
    )
    parser.add_argument("--second-client", choices=("dropped", "stalled"), default="dropped")
    parser.add_argument("--cloud-gap", type=float, default=32.0, metavar="S", help="that the cloud stands")
    parser.add_argument("--load", type=Path, metavar="DUMP.json", help="serve a diagnostics file")
    parser.add_argument("--log-writes", action="store_true", help="print each settings message that is taken")
    known = "; ".join(f"{name}: {kind.text}" for name, kind in INSTAGEN_FAULTS.items()).replace("%", "%%")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[=VALUE]", help=f"repeatable. {known}"
    )


async def run(options: argparse.Namespace) -> None:
    """Serve until cancelled; each SIGUSR1 moves the plant an hour on."""
    sim = InstagenSimulator(config_of(options))
    for text in options.fault:
        name, _, value = text.partition("=")
        sim.faults.add(name, float(value) if value else None)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, sim.advance, _AN_HOUR_S)
    async with sim.serving(options.host, options.port):
        shown = options.load.name if options.load else f"{sim.config.inverters} x {sim.config.model}"
        print(f"Instagen stick ({shown}) on {sim.host}:{sim.port}", flush=True)  # noqa: T201  the one line that says it listens
        await _tell(sim, writes=options.log_writes)


async def _tell(sim: InstagenSimulator, *, writes: bool) -> None:
    """Print what clients change and when their polling would stop the cloud upload, until cancelled."""
    told, blocked = 0, False
    while True:
        for write in sim.writes[told:] if writes else ():
            print(f"{write.at:%H:%M:%S} in {write.acts_after_s:.0f} s: {dict(write.values)}", flush=True)  # noqa: T201  asked for
        told = len(sim.writes)
        if sim.cloud.blocked and not blocked:
            blocked = True
            breach = sim.cloud.breaches[0]
            print(f"cloud upload blocked: {breach.why}, {breach.gap_s:.1f} s", flush=True)  # noqa: T201  the verdict
        await asyncio.sleep(_LOOK_EVERY_S)


def config_of(options: argparse.Namespace) -> InstagenConfig:
    """Turn the command line into a system."""
    home = PlantConfig() if options.three_phase else single_phase_home()
    return InstagenConfig(
        plant=replace(
            home,
            seed=options.seed,
            latitude=options.latitude,
            longitude=options.longitude,
            time_zone=options.time_zone,
        ),
        inverters=options.inverters,
        pages=options.pages,
        refresh_s=options.refresh,
        mode=options.mode,
        refused_modes=frozenset(options.refuses_mode),
        encrypted=options.encrypted is not None,
        storage_when_encrypted=options.encrypted != "all",
        second_client=options.second_client,
        cloud_gap_s=options.cloud_gap,
        start=datetime.fromisoformat(options.start).astimezone() if options.start else None,
        speed=options.speed,
        recorded=load(options.load) if options.load else {},
    )


def load(path: Path) -> Mapping[str, str]:
    """Read the payloads of a dump: the bare object, or Home Assistant's diagnostics around it."""
    dump = json.loads(path.read_text(encoding="utf-8"))
    for key in ("data", "raw_registers"):
        dump = dump.get(key, dump)
    if not {"gateway", "registry"} <= set(dump):
        raise ValueError(f"{path.name} holds no messages: expected gateway, registry and data → payload")
    return {name: text for name, text in dump.items() if isinstance(text, str)}
