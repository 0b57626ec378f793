"""The command line of the simulated Chint plant."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
import json
from pathlib import Path

from .chint import ChintConfig, ChintSimulator
from .chint_config import IDENTITIES
from .chint_faults import CHINT_FAULTS
from .chint_map import ECH, PROFILES, assumed
from .dump import load
from .line_command import add_line, serve

TEXT = "a Chint plant: one inverter on Modbus TCP, RTU over TCP or a serial line"

_ASSUMED_OF_ECH = (
    "alarm bits, running-mode codes, the order of time-of-use rules",
    "the export limit binds every mode; grid charging counts in self-use; emergency charging needs no leave",
    "off-grid on command needs 15 % above the floor and ends when the island fails",
)
_ASSUMED = {
    "ech_s": _ASSUMED_OF_ECH,
    "ech_th": _ASSUMED_OF_ECH,
    "cps_403x": ("which of the three output limits wins",),
    "sce": (
        "a charge window: all power, to the full, PV first; its end is outside; it may cross midnight",
        "back-up mode stores surplus; work modes 1 and 2 are self-use; inverter modes have codes of our own",
    ),
}
"""What no source says about the behaviour of each profile."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only a Chint plant has."""
    parser.add_argument("--profile", choices=PROFILES, default="sce", help="platform (default sce)")
    parser.add_argument(
        "--layout", choices=("energy", "pv"), help="what an ECH has at 0x0706: sold energy or PV power"
    )
    parser.add_argument("--unlocked", action="store_true", help="take writes to assumed registers")
    parser.add_argument(
        "--extended", action="store_true", help="a string inverter with registers from 0x8000"
    )
    parser.add_argument("--longest-read", type=int, default=125, metavar="WORDS")
    parser.add_argument(
        "--clock-offset", type=float, default=0.0, metavar="S", help="its own clock is ahead by so much"
    )
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help="as made in the app; repeatable"
    )
    parser.add_argument(
        "--load", type=Path, metavar="DUMP.json", help="serve the registers of a diagnostics file"
    )
    parser.add_argument(
        "--memory", type=Path, metavar="FILE.json", help="go on from there, and write it at the end"
    )
    parser.add_argument("--registers", action="store_true", help="print every register with its value")
    parser.add_argument("--log-writes", action="store_true", help="print each register that a client changes")
    add_line(parser, CHINT_FAULTS, line="tcp")


async def run(options: argparse.Namespace) -> None:
    """Serve until cancelled."""
    sim = ChintSimulator(config_of(options))
    for text in options.setting:
        name, _, value = text.partition("=")
        sim.change(name, float(value))
    sim.tick()
    shown = options.load.name if options.load else sim.config.identity.model
    try:
        await serve(sim, options, f"Chint plant ({sim.config.profile}, {shown})", News(sim, options).lines)
    finally:
        if options.memory:
            options.memory.write_text(json.dumps(sim.memory(), indent=1), encoding="utf-8")


class News:
    """What the command prints besides its first line: assumptions, registers, writes, alarms."""

    def __init__(self, sim: ChintSimulator, options: argparse.Namespace) -> None:
        """Begin with what is known before anything happens."""
        self._sim = sim
        self._log_writes = options.log_writes
        self._first = [*_assumptions(sim), *(_registers(sim) if options.registers else ())]
        self._writes = 0
        self._alarms: dict[int, str] = {}

    def lines(self) -> list[str]:
        """Return what is new."""
        new, self._first = self._first, []
        if self._log_writes:
            for write in self._sim.writes[self._writes :]:
                mark = " (assumed)" if write.assumed else ""
                new.append(f"{write.at:%H:%M:%S} {write.address:#06x} {write.name} = {write.value}{mark}")
            self._writes = len(self._sim.writes)
        for index, alarm in enumerate(self._sim.alarms):
            if self._alarms.get(index) != alarm.status:
                self._alarms[index] = alarm.status
                moment = alarm.recovered or alarm.occurred
                name = alarm.bit.code or f"{alarm.bit.register} bit {alarm.bit.bit}"
                new.append(f"{moment:%H:%M:%S} {alarm.bit.level} {name}: {alarm.status}")
        return new


def _assumptions(sim: ChintSimulator) -> Iterator[str]:
    rows = [row for _, row in sim.rows()]
    invented = sum(assumed(row) for row in rows)
    if invented:
        yield f"assumed: {invented} of {len(rows)} registers have no source (--registers marks them)"
    yield from (f"assumed: {text}" for text in _ASSUMED[sim.config.profile])


def _registers(sim: ChintSimulator) -> Iterator[str]:
    for kind, row in sorted(sim.rows(), key=lambda found: found[1].address):
        value = "…" if row.data_type == "WORDS" else sim.get(row.name)
        mark = "  assumed" if assumed(row) else ""
        yield f"{kind:7} {row.address:#06x} {row.name:32} {value} {row.unit}{mark}"


def config_of(options: argparse.Namespace) -> ChintConfig:
    """Turn the command line into a plant."""
    physics = IDENTITIES[options.profile].plant
    remembered = options.memory is not None and options.memory.exists()
    return ChintConfig(
        profile=options.profile,
        unit=options.unit,
        line=options.line,
        plant=replace(
            physics,
            seed=options.seed,
            latitude=options.latitude,
            longitude=options.longitude,
            time_zone=options.time_zone,
        ),
        layout=options.layout if options.profile in ECH else None,
        unlocked=options.unlocked,
        extended=options.extended,
        longest_read=options.longest_read,
        clock_offset_s=options.clock_offset,
        start=datetime.fromisoformat(options.start).astimezone() if options.start else None,
        speed=options.speed,
        recorded=load(options.load) if options.load else {},
        memory=json.loads(options.memory.read_text(encoding="utf-8")) if remembered else {},
    )
