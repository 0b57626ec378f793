"""Reads and commands a plant without Home Assistant; see `script/plant`."""

import argparse
import asyncio
from collections.abc import AsyncIterator
import contextlib
from dataclasses import replace
from datetime import UTC, datetime
import logging
import os
import sys

from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    AnyVendor,
    Driver,
    DriverConnectionError,
    DriverError,
    LinkFault,
    LinkSetup,
    ModbusVendor,
    NotThisVendorError,
    StreamVendor,
    TcpAddress,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError
from script import plant_control, plant_reading, plant_registers
from script.plant_options import CONTROLS, parser
from script.plant_register_options import REGISTER_TOOLS
from script.plant_state import StateFileError
from script.plant_words import NotDoneError, sentence

_INTERRUPTED = 130
_FAULTS = {
    LinkFault.NAME_UNKNOWN: "No host is called {host}.",
    LinkFault.REFUSED: "{host} accepts no connection on port {port}; Modbus may be switched off.",
    LinkFault.UNREACHABLE: "{host} cannot be reached.",
    LinkFault.CLOSED: "{host} closes the connection on port {port} without an answer.",
    LinkFault.SILENT: "{host} accepts connections on port {port} but a unit id does not answer: {reason}.",
    LinkFault.GARBLED: "{host} answers on port {port}, but not in Modbus: {reason}.",
}
_STREAM_FAULTS = _FAULTS | {
    LinkFault.REFUSED: "{host} accepts no connection on port {port}.",
    LinkFault.SILENT: "{host} accepts connections on port {port} but does not answer: {reason}.",
    LinkFault.GARBLED: "{host} answers on port {port}, but not in the maker's protocol: {reason}.",
    LinkFault.ENCRYPTED: "{host} answers only who speaks encrypted to it, which is not supported yet.",
}
"""In the words for a protocol of the vendor's own."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; 0 when it worked."""
    options = parser().parse_args(arguments)
    logging.getLogger("tmodbus").setLevel(logging.CRITICAL)
    if options.command == "registers" and options.csv:
        vendor = vendor_of(options)
        if not isinstance(vendor, ModbusVendor):
            print(f"{vendor.name} plants have no registers.", file=sys.stderr)
            return 2
        plant_reading.print_declared(vendor.tables(_setup(vendor, options)))
        return 0
    if options.command == "candidates":
        return plant_registers.find(options)
    if options.host is None and options.serial is None:
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
    where = options.host or options.serial
    try:
        return await with_plant(vendor, port, options)
    except DriverConnectionError as err:
        _print_fault(err, vendor, port, options)
    except NotThisVendorError:
        at = f"on port {port}, " if options.host else ""
        print(f"{where} answers {at}but is no {vendor.name} plant.", file=sys.stderr)
    except CommandRefusedError as err:
        print(f"refused: {sentence(err.code)} ({err})", file=sys.stderr)
    except DriverError as err:
        print(f"{where}: {err}", file=sys.stderr)
    except (NotDoneError, StateFileError) as err:
        print(err, file=sys.stderr)
    return 1


def vendor_of(options: argparse.Namespace) -> AnyVendor:
    """Give the vendor that the command line names."""
    return next(vendor for vendor in VENDORS if vendor.key == options.vendor)


async def with_plant(vendor: AnyVendor, port: int, options: argparse.Namespace) -> int:
    """Connect, do what was asked for, and hang up; 0 when it was done.

    Raises:
        DriverError: the plant does not answer, or is none, or refuses.
        NotDoneError: a person has to say more.
        StateFileError: what is remembered of the plant cannot be read or written.

    """
    every_s = vendor.pace.default_s if getattr(options, "every", None) is None else options.every
    async with _driver(vendor, port, options) as driver:
        if options.command in CONTROLS:
            options.every = every_s
            return await plant_control.run(driver, options, f"{options.host or options.serial}_{port}")
        if options.command in REGISTER_TOOLS:
            return await plant_registers.run(driver, options)
        if options.command == "watch":
            await plant_reading.watch(
                driver, lambda err: _print_fault(err, vendor, port, options), every_s=every_s
            )
        else:
            await plant_reading.read(driver, options)
        return 0


@contextlib.asynccontextmanager
async def _driver(vendor: AnyVendor, port: int, options: argparse.Namespace) -> AsyncIterator[Driver]:
    """Give a driver that is not connected yet; at the end it hangs up."""
    setup = _setup(vendor, options)
    if not isinstance(vendor, ModbusVendor):
        driver = vendor.create(TcpAddress(host=options.host, port=port), setup)
        try:
            yield driver
        finally:
            await driver.close()
        return
    connection = ModbusConnection(_modbus(port, options))
    try:
        yield vendor.create(connection.for_unit, setup)
    finally:
        with contextlib.suppress(Exception):
            await connection.close()


def _setup(vendor: AnyVendor, options: argparse.Namespace) -> LinkSetup:
    """Say what the plant is, beyond its address."""
    setup = LinkSetup(
        inverter_unit_ids=options.inverter or (1,),
        ac_charger_unit_ids=options.ac_charger,
        request_spacing_s=vendor.pace.spacing_s if options.spacing is None else options.spacing,
        options=dict(options.option),
        profiles={path.name: path.read_text(encoding="utf-8") for path in options.profile},
        zone=datetime.now(UTC).astimezone().tzinfo,
    )
    if not isinstance(vendor, ModbusVendor):
        return setup
    return replace(setup, plant_unit_id=vendor.plant_unit_id if options.unit is None else options.unit)


def _modbus(port: int, options: argparse.Namespace) -> ModbusTcpParams | ModbusSerialParams:
    """Say how a Modbus link is opened."""
    if options.serial is not None:
        return ModbusSerialParams(
            device=options.serial,
            baudrate=options.baudrate,
            parity=options.parity,
            stopbits=options.stop_bits,
        )
    if options.rtu:
        return ModbusSerialParams(device=f"socket://{options.host}:{port}", baudrate=115_200)
    return ModbusTcpParams(host=options.host, port=port)


def _print_fault(
    err: DriverConnectionError, vendor: AnyVendor, port: int, options: argparse.Namespace
) -> None:
    if options.host is None:
        print(f"{options.serial} gives no usable answer: {err}.", file=sys.stderr)
        return
    faults = _STREAM_FAULTS if isinstance(vendor, StreamVendor) else _FAULTS
    print(faults[err.fault].format(host=options.host, port=port, reason=err), file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader, for example `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
