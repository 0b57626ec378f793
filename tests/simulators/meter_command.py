"""The command line of the simulated meter."""

import argparse
from datetime import datetime

from .line_command import add_line, serve
from .meter import METER_FAULTS, MeterConfig, MeterSimulator
from .meter_map import COUNTERS, METERS
from .plant import PlantConfig

TEXT = "a Chint meter at the grid of a house: DTSU666, DDSU666, or one with another maker's firmware"
_ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only a meter has."""
    parser.add_argument("--meter", choices=METERS, default="dtsu666")
    parser.add_argument("--counters", choices=COUNTERS, default="101e", help="where it counts energies")
    parser.add_argument(
        "--other-counters", choices=("zero", "refused", "nan"), default="zero", help="elsewhere"
    )
    parser.add_argument("--ct-ratio", type=int, default=1, help="IrAt")
    parser.add_argument("--pt-ratio", type=float, default=1.0, help="UrAt, as a ratio")
    parser.add_argument("--primary-side", action="store_true", help="values are those of the mains")
    parser.add_argument("--word-order", choices=_ORDERS, default="ABCD")
    add_line(parser, METER_FAULTS, line="rtu_tcp")


async def run(options: argparse.Namespace) -> None:
    """Serve until cancelled."""
    sim = MeterSimulator(config_of(options))
    await serve(sim, options, f"Chint meter ({options.meter}, {options.counters})", list)


def config_of(options: argparse.Namespace) -> MeterConfig:
    """Turn the command line into a meter at a house with sun and battery."""
    return MeterConfig(
        meter=options.meter,
        unit=options.unit,
        line=options.line,
        counters=options.counters,
        other_counters=options.other_counters,
        ct_ratio=options.ct_ratio,
        pt_ratio=options.pt_ratio,
        primary_side=options.primary_side,
        word_order=_ORDERS.index(options.word_order),
        plant=PlantConfig(
            seed=options.seed,
            latitude=options.latitude,
            longitude=options.longitude,
            time_zone=options.time_zone,
        ),
        start=datetime.fromisoformat(options.start).astimezone() if options.start else None,
        speed=options.speed,
    )
