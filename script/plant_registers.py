"""Looks at single registers of a plant, finds unknown ones, and plans the few writes that are not locked."""

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
import json
from pathlib import Path
import sys

from custom_components.energy_storage.engine.plant import Device
from custom_components.energy_storage.vendors.control import Order
from custom_components.energy_storage.vendors.driver import Driver, Due, Tier
from custom_components.energy_storage.vendors.raw_access import DeclaredRow, RawAccess, Space
from custom_components.energy_storage.vendors.register_tools.candidates import Sighting, candidates
from custom_components.energy_storage.vendors.register_tools.layout import Layout, Span
from custom_components.energy_storage.vendors.register_tools.passes import (
    NoPassError,
    NotComparableError,
    ScanPass,
    begun,
    difference,
    spans_of,
)
from custom_components.energy_storage.vendors.register_tools.profile_row import profile_row
from custom_components.energy_storage.vendors.register_tools.search import groups_of, search
from custom_components.energy_storage.vendors.register_tools.sweep import Ended, Sweep, run as sweep_on
from custom_components.energy_storage.vendors.register_tools.words import WordOrder, values_of
from custom_components.energy_storage.vendors.register_tools.writable import (
    NotDeclaredError,
    ValueNotAllowedError,
    checked,
    refuse_locked,
    row_named,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError
from script.plant_words import NotDoneError

_ADDRESSES = 0x10000


async def run(driver: Driver, options: argparse.Namespace) -> int:
    """Do what the command line says; 0 when all of it was read.

    Raises:
        DriverError: the plant does not answer.
        NotDoneError: it cannot be done; says why.

    """
    await driver.connect(None)
    raw = raw_access_of(driver)
    match options.command:
        case "search":
            await driver.read(Due(tiers=frozenset(Tier) - {Tier.FAST}))
            return _print_found(driver, raw, options)
        case "scan":
            return await _scan(raw, _device_of(driver, options.device), options)
        case _:
            return await _read_range(raw, _device_of(driver, options.device), options)


def find(options: argparse.Namespace) -> int:
    """Print where displayed values may stand in kept passes; 0 when there is a candidate."""
    try:
        seen = [Sighting(scan=_load(path), value=value) for path, value in options.seen]
        found = candidates(seen, unit=options.unit, tolerance=options.tolerance)
    except (NotDoneError, NotComparableError) as err:
        print(str(err) or "These passes are about different devices or spaces.", file=sys.stderr)
        return 1
    best = found[: options.most]
    if options.rows:
        rows = [profile_row(each, seen, name=options.name, unit=options.unit) for each in best]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        for each in best:
            sign = " inverted" if each.inverted else ""
            shown = ", ".join(f"{value:g}" for value in each.values)
            print(
                f"{each.plausibility:3}  {each.address} 0x{each.address:04x}"
                f"  {each.kind} {each.order} x {each.scale:g}{sign}  = {shown}"
            )
    if len(found) > len(best):
        print(f"{len(found) - len(best)} more", file=sys.stderr)
    return 0 if found else 1


def write_order(driver: Driver, options: argparse.Namespace, *, control_on: bool) -> Order:
    """Plan the write that the command line asks for.

    Raises:
        CommandRefusedError: the register is locked; its code says why.
        NotDoneError: there is no such register, or it cannot hold the value.

    """
    raw = raw_access_of(driver)
    try:
        row = row_named(raw.rows(), options.device, options.name)
        refuse_locked(row, control_on=control_on)
        value = checked(row, options.value)
    except (NotDeclaredError, ValueNotAllowedError) as err:
        raise NotDoneError(str(err)) from err
    if driver.control is not None and driver.control.holding().writes_left == 0:
        raise CommandRefusedError("write_budget")
    return raw.order(row, value)


def raw_access_of(driver: Driver) -> RawAccess:
    """Give the registers of a plant.

    Raises:
        NotDoneError: it has none.

    """
    if (raw := driver.raw_access) is None:
        raise NotDoneError("This maker's plants have no registers.")
    return raw


def _device_of(driver: Driver, name: str | None) -> Device:
    devices = {device.key: device for device in driver.devices}
    if name is not None and name not in devices:
        raise NotDoneError(f"{name}: no such device; known: {', '.join(devices)}")
    return driver.devices[0] if name is None else devices[name]


def _span_of(options: argparse.Namespace) -> Span:
    span = Span(options.address, options.count)
    if span.end > _ADDRESSES:
        raise NotDoneError(f"There are no registers from {_ADDRESSES} on.")
    return span


def _sweep_over(raw: RawAccess, device: Device, space: Space, span: Span) -> Sweep:
    return Sweep(span, Layout.of(raw.rows(), device.unit_id, space), raw.most_registers)


async def _read(raw: RawAccess, device: Device, options: argparse.Namespace, sweep: Sweep) -> Ended:
    async def ask(span: Span) -> tuple[int, ...]:
        return await raw.read(device.unit_id, options.space, span.address, span.size)

    return await sweep_on(sweep, ask, most_requests=options.requests)


async def _read_range(raw: RawAccess, device: Device, options: argparse.Namespace) -> int:
    sweep = _sweep_over(raw, device, options.space, _span_of(options))
    ended = await _read(raw, device, options, sweep)
    order = options.order or (WordOrder.LITTLE if raw.low_word_first else WordOrder.BIG)
    for address, value in values_of(sweep.words, options.type, order, options.scale):
        print(f"{address} 0x{address:04x}  {'-' if value is None else value}")
    _print_refused(sweep.refused)
    if ended is not Ended.COMPLETE:
        print(f"{ended}: not read from {sweep.next_address} on", file=sys.stderr)
    return 0 if ended is Ended.COMPLETE and sweep.words else 1


async def _scan(raw: RawAccess, device: Device, options: argparse.Namespace) -> int:
    """Read a range once and keep it, also when it is interrupted."""
    before = None if options.compare is None else _load(options.compare)
    begin = begun(
        options.label or options.save.stem,
        device=device.key,
        unit_id=device.unit_id,
        space=options.space,
        span=_span_of(options),
        started=datetime.now(UTC),
    )
    old = _load(options.save) if options.save.exists() else None
    scan = old if old is not None and old.continues(begin) else begin
    if before is not None:
        _changes(before, scan)  # what cannot be compared is not read for nothing
    sweep, ended = _sweep_over(raw, device, scan.space, scan.left or Span(scan.address, 0)), Ended.OUT_OF_TIME
    try:
        ended = await _read(raw, device, options, sweep)
    finally:
        scan = scan.with_more(sweep, ended, datetime.now(UTC))
        _save(options.save, scan)
    goes_on = "" if scan.next_address is None else f"; goes on at {scan.next_address} when called again"
    print(f"{scan.label}: {ended}, {len(scan.words)} of {scan.count} registers read{goes_on}")
    _print_refused(scan.refused)
    if before is not None:
        _print_changes(_changes(before, scan), raw, scan)
    return 0 if ended is Ended.COMPLETE else 1


def _changes(before: ScanPass, after: ScanPass) -> list[tuple[int, int, int]]:
    try:
        return [(each.address, each.before, each.after) for each in difference(before, after)]
    except NotComparableError as err:
        raise NotDoneError("These passes are about different devices or spaces.") from err


def _print_changes(changes: Iterable[tuple[int, int, int]], raw: RawAccess, scan: ScanPass) -> None:
    names = {
        address: row.name
        for row in raw.rows()
        if (row.unit_id, row.space) == (scan.unit_id, scan.space)
        for address in row.addresses
    }
    for address, before, after in changes:
        print(f"{address} 0x{address:04x}  {before:5} -> {after:5}  {names.get(address, '')}".rstrip())


def _print_refused(refused: Iterable[int]) -> None:
    spans = [f"{each.address}..{each.end - 1}" for each in spans_of(refused)]
    if spans:
        print(f"unknown to the device: {', '.join(spans)}", file=sys.stderr)


def _print_found(driver: Driver, raw: RawAccess, options: argparse.Namespace) -> int:
    rows = tuple(raw.rows())
    if options.groups:
        print("\n".join(groups_of(rows)))
        return 0
    said = {(each.device, each.name): each.value for each in driver.registers()}
    found = search(rows, keyword=" ".join(options.keyword), group=options.group, device=options.device)
    for row in found:
        value = said.get((row.device, row.name))
        shown = "-" if value is None else f"{value} {row.unit or ''}".rstrip()
        print(f"{row.device} {row.address} {row.space} {row.kind}  {row.name}  {shown}  [{_access(row)}]")
    return 0 if found else 1


def _access(row: DeclaredRow) -> str:
    if row.missing or row.locked is not None:
        return "missing" if row.missing else str(row.locked)
    return (
        f"writable, {row.low:g} to {row.high:g}"
        if row.low is not None and row.high is not None
        else "writable"
    )


def _load(path: Path) -> ScanPass:
    try:
        return ScanPass.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as err:
        raise NotDoneError(f"{path} cannot be read: {err.strerror}") from err
    except (ValueError, NoPassError) as err:
        raise NotDoneError(f"{path} holds no pass of a scan.") from err


def _save(path: Path, scan: ScanPass) -> None:
    try:
        path.write_text(json.dumps(scan.to_json(), indent=1), encoding="utf-8")
    except OSError as err:
        raise NotDoneError(f"{path} cannot be written: {err.strerror}") from err
