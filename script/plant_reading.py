"""Prints what a plant says."""

import argparse
import asyncio
from collections.abc import Callable, Iterable, Mapping
import csv
from dataclasses import asdict
from datetime import datetime
import json
import sys
from typing import Any

from custom_components.energy_storage.engine.plant import DeviceKind, PlantState
from custom_components.energy_storage.vendors.driver import Driver, DriverConnectionError, Due, Tier
from custom_components.energy_storage.vendors.fields import Table, fields_of

type Tell = Callable[[DriverConnectionError], None]
"""Prints why there is no answer."""


async def read(driver: Driver, options: argparse.Namespace) -> None:
    """Read everything once, and print it.

    Raises:
        DriverError: the plant does not answer.

    """
    await driver.connect(None)
    await driver.read(Due(tiers=frozenset(Tier) - {Tier.FAST}))
    state = await driver.read(Due(tiers=frozenset({Tier.FAST}), most_requests=0))
    if options.command == "registers":
        _print_registers(driver)
    elif options.json:
        print(json.dumps(plain(asdict(state)), indent=2))
    else:
        _print_readings(driver, state)


async def watch(driver: Driver, tell: Tell, *, every_s: float) -> None:
    """Print a line each poll until cancelled.

    Raises:
        DriverError: the plant does not answer at first; later on that is told, and waited out.

    """
    await driver.connect(None)
    print("time      SOC %  grid W  battery W    PV W  load W")
    while True:
        await asyncio.gather(_poll(driver, tell), asyncio.sleep(every_s))


async def _poll(driver: Driver, tell: Tell) -> None:
    try:
        state = await driver.read(Due(tiers=frozenset({Tier.FAST}), most_requests=2))
    except DriverConnectionError as err:
        tell(err)
        return
    powers = (state.grid_power_w, state.battery_power_w, state.pv_power_w, state.load_power_w)
    grid, battery, pv, load = ("?" if power is None else f"{power:.0f}" for power in powers)
    soc = "?" if state.soc_pct is None else f"{state.soc_pct:.1f}"
    print(f"{state.read_at:%H:%M:%S}  {soc:>5}  {grid:>6}  {battery:>9}  {pv:>6}  {load:>6}", flush=True)


def plain(value: Any) -> Any:
    """Make JSON of a state: times as ISO text, mappings and tuples as they are."""
    match value:
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


def _print_readings(driver: Driver, state: PlantState) -> None:
    rows = [("plant", name, value) for name, value in plain(asdict(state)).items()]
    print(f"{driver.identity.model}, serial {driver.identity.serial}, firmware {driver.identity.firmware}\n")
    _print_table([(device, name, _shown(value), "") for device, name, value in rows])
    print()
    _print_table(
        (point.device, point.key, _shown(plain(driver.value(point))), point.unit or "")
        for point in driver.points
    )


def _print_registers(driver: Driver) -> None:
    _print_table(
        (
            f"{reading.device} {reading.address}",
            reading.name,
            "-" if reading.raw is None else " ".join(f"{word:04x}" for word in reading.raw),
            f"{_shown(plain(reading.value))} {reading.unit or ''}",
        )
        for reading in driver.registers()
    )


def _shown(value: Any) -> str:
    return "-" if value is None else json.dumps(value) if isinstance(value, dict | list) else str(value)


def _print_table(rows: Iterable[tuple[str, str, str, str]]) -> None:
    rows = tuple(rows)
    first, second = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    for device, name, value, unit in rows:
        print(f"{device:{first}}  {name:{second}}  {value} {unit}".rstrip())


def print_declared(tables_of: Mapping[DeviceKind, tuple[type[Table], ...]]) -> None:
    """Print every declared register as CSV; asks no plant."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("area", "kind", "address", "count", "type", "scale", "unit", "access", "name"))
    for area, tables in tables_of.items():
        for table in tables:
            for name, field in fields_of(table).items():
                access = "WO" if table.write_only else "RW" if field.writable else "RO"
                kind, unit = table.register_space, field.unit or ""
                writer.writerow(
                    (
                        area,
                        kind,
                        field.address,
                        field.count,
                        field.kind,
                        f"{field.scale:g}",
                        unit,
                        access,
                        name,
                    )
                )
