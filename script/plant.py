"""Reads a plant over Modbus TCP and prints what it says; see `script/plant`."""

import argparse
import asyncio
from collections.abc import Iterable, Mapping
import contextlib
import csv
from dataclasses import asdict
from datetime import UTC, datetime
import json
import logging
import os
import sys
from typing import Any

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.engine.command import BatteryCommand
from custom_components.energy_storage.engine.plant import GridState, PlantState
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    Driver,
    DriverConnectionError,
    DriverError,
    Due,
    LinkFault,
    LinkSetup,
    NotThisVendorError,
    Tier,
    Vendor,
)
from custom_components.energy_storage.vendors.fields import fields_of
from custom_components.energy_storage.vendors.sigen.abilities import facts_of
from custom_components.energy_storage.vendors.sigen.held import Installation, Reading, held_of
from custom_components.energy_storage.vendors.sigen.plan import plan
from custom_components.energy_storage.vendors.sigen.registers import TABLES
from custom_components.energy_storage.vendors.sigen.saved import version_from
from custom_components.energy_storage.vendors.sigen.sequence import Situation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.write import CommandRefusedError
from script.battery_command import CommandSyntaxError, parse

_WATCH_EVERY_S = 5.0
_FAULTS = {
    LinkFault.NAME_UNKNOWN: "No host is called {host}.",
    LinkFault.REFUSED: "{host} accepts no connection on port {port}; Modbus may be switched off.",
    LinkFault.UNREACHABLE: "{host} cannot be reached.",
    LinkFault.CLOSED: "{host} closes the connection on port {port} without an answer.",
    LinkFault.SILENT: "{host} accepts connections on port {port} but a unit id does not answer: {reason}.",
    LinkFault.GARBLED: "{host} answers on port {port}, but not in Modbus: {reason}.",
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; 0 when it worked."""
    options = parser().parse_args(arguments)
    logging.getLogger("tmodbus").setLevel(logging.CRITICAL)
    vendor = vendor_of(options)
    if options.command == "registers" and options.csv:
        _print_declared()
        return 0
    if options.host is None:
        print("Say which plant: --host HOST.", file=sys.stderr)
        return 2
    port = options.port or vendor.default_port
    try:
        asyncio.run(with_plant(vendor, port, options))
    except KeyboardInterrupt:
        return 0
    except DriverConnectionError as err:
        _print_fault(err, port, options)
    except NotThisVendorError:
        print(f"{options.host} answers on port {port}, but is no {vendor.name} plant.", file=sys.stderr)
    except CommandRefusedError as err:
        print(f"refused: {err}", file=sys.stderr)
    except DriverError as err:
        print(f"{options.host}: {err}", file=sys.stderr)
    else:
        return 0
    return 1


def vendor_of(options: argparse.Namespace) -> Vendor:
    """Give the vendor that the command line names."""
    return next(vendor for vendor in VENDORS if vendor.key == options.vendor)


def parser() -> argparse.ArgumentParser:
    """Say what the command line may hold."""
    parser = argparse.ArgumentParser(
        prog="script/plant", description="Read a plant; nothing is written to it."
    )
    parser.add_argument("vendor", choices=[vendor.key for vendor in VENDORS])
    parser.add_argument("--host", help="address or name of an inverter")
    parser.add_argument("--port", type=_port, help="TCP port; the vendor's own when left out")
    parser.add_argument("--unit", type=_unit_id, help="unit id of the plant as a whole")
    parser.add_argument("--inverter", type=_unit_ids, help="unit ids of the inverters: 1 or 1,2")
    parser.add_argument("--ac-charger", type=_unit_ids, default=(), help="unit ids of AC chargers")
    parser.add_argument("--spacing", type=_seconds, default=1.0, help="seconds between two requests")
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="read everything once")
    read.add_argument("--json", action="store_true", help="one JSON object with the state of the plant")
    commands.add_parser("watch", help="print powers and SOC until Ctrl-C")
    planned = commands.add_parser("plan", help="print the writes of a battery command; write nothing")
    planned.add_argument("json", type=_command, metavar="JSON", help='for example \'{"command": "hold"}\'')
    registers = commands.add_parser("registers", help="every register with its raw words")
    registers.add_argument("--csv", action="store_true", help="every declared register; asks no plant")
    return parser


def _command(text: str) -> BatteryCommand:
    try:
        return parse(text)
    except CommandSyntaxError as err:
        raise argparse.ArgumentTypeError(str(err)) from err


def _port(text: str) -> int:
    return _whole(text, 1, 65535)


def _unit_id(text: str) -> int:
    return _whole(text, 1, 247)


def _unit_ids(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_unit_id(part) for part in text.split(",")))


def _seconds(text: str) -> float:
    if (seconds := float(text)) < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return seconds


def _whole(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text} is no number from {low} to {high}")
    return int(text)


async def with_plant(vendor: Vendor, port: int, options: argparse.Namespace) -> None:
    """Connect, do what was asked for, and hang up.

    Raises:
        DriverError: the plant does not answer, or is none.

    """
    connection = ModbusConnection(ModbusTcpParams(host=options.host, port=port))
    setup = LinkSetup(
        plant_unit_id=vendor.plant_unit_id if options.unit is None else options.unit,
        inverter_unit_ids=options.inverter or (1,),
        ac_charger_unit_ids=options.ac_charger,
        request_spacing_s=options.spacing,
    )
    driver = vendor.create(connection.for_unit, setup)
    try:
        await driver.connect(None)
        if options.command == "watch":
            await _watch(driver, port, options)
            return
        await driver.read(Due(tiers=frozenset(Tier) - {Tier.FAST}))
        state = await driver.read(Due(tiers=frozenset({Tier.FAST}), most_requests=0))
        if options.command == "plan":
            await _print_plan(driver, options.json)
        elif options.command == "registers":
            _print_registers(driver)
        elif options.json:
            print(json.dumps(plain(asdict(state)), indent=2))
        else:
            _print_readings(driver, state)
    finally:
        with contextlib.suppress(Exception):
            await connection.close()


async def _print_plan(driver: Driver, command: BatteryCommand) -> None:
    """Print what would be written, in its order, to a plant as it is now."""
    state = await driver.read(Due(tiers=frozenset({Tier.FAST}), most_requests=0))
    readings = driver.registers()
    held = held_of(readings)
    load_w, pv_w = state.load_power_w, state.pv_power_w
    situation = Situation(
        held=held,
        facts=facts_of(readings, version_from(driver.state) or Version.V1_8),
        reading=Reading(
            soc_pct=state.soc_pct,
            soc_age_s=(datetime.now(UTC) - state.read_at).total_seconds(),
            off_grid=state.grid_state in (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND),
            net_load_peak_w=None if load_w is None or pv_w is None else load_w - pv_w,
        ),
        snapshot=held if held.remote is False else None,
        installation=Installation(),
    )
    writes = plan(command, situation)
    if not writes:
        print("nothing to write")
    for write in writes:
        words = " ".join(f"{word:04x}" for word in write.words)
        then = f", then wait for {write.wait_for.name} = {write.wait_for.value}" if write.wait_for else ""
        value = f"{write.value:g}" if isinstance(write.value, float) else write.value
        print(
            f"{write.device} {write.address} {write.name} = {value} {write.unit or ''}".rstrip(),
            f" (0x{write.function:02x} {words}; {write.why}{then})",
        )


async def _watch(driver: Driver, port: int, options: argparse.Namespace) -> None:
    print("time      SOC %  grid W  battery W    PV W  load W")
    while True:
        await asyncio.gather(_poll(driver, port, options), asyncio.sleep(_WATCH_EVERY_S))


async def _poll(driver: Driver, port: int, options: argparse.Namespace) -> None:
    try:
        state = await driver.read(Due(tiers=frozenset({Tier.FAST}), most_requests=2))
    except DriverConnectionError as err:
        _print_fault(err, port, options)
        return
    powers = (state.grid_power_w, state.battery_power_w, state.pv_power_w, state.load_power_w)
    grid, battery, pv, load = ("?" if power is None else f"{power:.0f}" for power in powers)
    soc = "?" if state.soc_pct is None else f"{state.soc_pct:.1f}"
    print(f"{state.read_at:%H:%M:%S}  {soc:>5}  {grid:>6}  {battery:>9}  {pv:>6}  {load:>6}", flush=True)


def _print_fault(err: DriverConnectionError, port: int, options: argparse.Namespace) -> None:
    print(_FAULTS[err.fault].format(host=options.host, port=port, reason=err), file=sys.stderr)


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


def _print_declared() -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("area", "kind", "address", "count", "type", "scale", "unit", "access", "name"))
    for area, tables in TABLES.items():
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


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader, for example `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
