"""Reads and commands a plant over Modbus TCP; see `script/plant`."""

import argparse
import asyncio
import contextlib
import logging
import os
import sys

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverError,
    LinkFault,
    LinkSetup,
    NotThisVendorError,
    Vendor,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError
from script import plant_control, plant_reading
from script.plant_options import CONTROLS, parser
from script.plant_state import StateFileError
from script.plant_words import sentence

_INTERRUPTED = 130
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
    if options.command == "registers" and options.csv:
        plant_reading.print_declared()
        return 0
    if options.host is None:
        print("Say which plant: --host HOST.", file=sys.stderr)
        return 2
    try:
        return asyncio.run(run(options))
    except KeyboardInterrupt:
        return 0 if options.command == "watch" else _INTERRUPTED


async def run(options: argparse.Namespace) -> int:
    """Do what was asked for; what went wrong is one sentence on stderr."""
    vendor = vendor_of(options)
    port = options.port or vendor.default_port
    try:
        return await with_plant(vendor, port, options)
    except DriverConnectionError as err:
        _print_fault(err, port, options)
    except NotThisVendorError:
        print(f"{options.host} answers on port {port}, but is no {vendor.name} plant.", file=sys.stderr)
    except CommandRefusedError as err:
        print(f"refused: {sentence(err.code)} ({err})", file=sys.stderr)
    except DriverError as err:
        print(f"{options.host}: {err}", file=sys.stderr)
    except (plant_control.NotDoneError, StateFileError) as err:
        print(err, file=sys.stderr)
    return 1


def vendor_of(options: argparse.Namespace) -> Vendor:
    """Give the vendor that the command line names."""
    return next(vendor for vendor in VENDORS if vendor.key == options.vendor)


async def with_plant(vendor: Vendor, port: int, options: argparse.Namespace) -> int:
    """Connect, do what was asked for, and hang up; 0 when it was done.

    Raises:
        DriverError: the plant does not answer, or is none, or refuses.
        NotDoneError: a person has to say more.
        StateFileError: what is remembered of the plant cannot be read or written.

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
        if options.command in CONTROLS:
            return await plant_control.run(driver, options, f"{options.host}_{port}")
        if options.command == "watch":
            await plant_reading.watch(driver, lambda err: _print_fault(err, port, options))
        else:
            await plant_reading.read(driver, options)
        return 0
    finally:
        with contextlib.suppress(Exception):
            await connection.close()


def _print_fault(err: DriverConnectionError, port: int, options: argparse.Namespace) -> None:
    print(_FAULTS[err.fault].format(host=options.host, port=port, reason=err), file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader, for example `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
