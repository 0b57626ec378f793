"""The limits in their order, and what they leave to the battery."""

from collections.abc import Mapping
import math

from .bounds import Limits, Narrowing
from .command import Guard, Limit
from .decision import Reason
from .fuse import FuseRoom, fuse_room
from .inputs import Inputs
from .memory import Eased, Latches, Passing
from .metering import grid_samples
from .modes.mode import Wish
from .plant import GridState, Stage
from .reading import Reading, known
from .settings import Settings
from .timing import Easing, at_ceiling, at_floor, least_power_w


def limits_now(
    inputs: Inputs, settings: Settings, passing: Passing, wish: Wish, reading: Reading, *, from_grid: bool
) -> tuple[Limits, Latches, Mapping[str, Eased]]:
    """Narrow in the order of the design; give what is left and what is to be remembered."""
    off_grid = inputs.plant.grid_state in (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND)
    latches = latches_now(settings, passing.latches, wish, reading.soc_pct)
    easing = Easing(passing.eased, inputs.now, least_power_w(inputs), reading.stage is Stage.FRESH, {})
    narrow = Narrowing(inputs, easing)
    _battery(narrow, settings)
    _cutoffs(narrow, settings, latches, reading.soc_pct)
    support_import = math.inf
    if not off_grid:
        support_import = _main_fuse(narrow, settings)
        _export(narrow, _lower(settings.export_limit_w, wish.max_export_w), settings.export_limit_w)
    floor = _reserve(narrow, settings, latches, wish, reading.soc_pct, off_grid=off_grid)
    if not off_grid:
        _import(narrow, _lower(settings.import_limit_w, wish.max_import_w), settings.import_limit_w)
    if off_grid:
        _for_the_return(narrow, settings)
        narrow.grid_charge(0.0, "off_grid", Reason("off_grid"))
        narrow.feed(0.0, "off_grid", Reason("off_grid"))
    elif not from_grid:
        narrow.grid_charge(0.0, "grid_charging", Reason("grid_charging_off"))
    export = _lower(settings.export_limit_w, wish.max_export_w)
    limits = Limits(
        bounds=narrow.bounds,
        floor_soc_pct=floor,
        support_floor_soc_pct=settings.discharge_cutoff_soc_pct,
        ceiling_soc_pct=settings.charge_cutoff_soc_pct,
        support_import_w=support_import,
        export_limit_w=None if _device_exports(narrow, settings, wish) else export,
        max_import_w=None if off_grid else _lower(settings.import_limit_w, wish.max_import_w),
        off_grid=off_grid,
        guards=narrow.guards,
        device=narrow.device,
        cannot_hold=tuple(dict.fromkeys(narrow.cannot_hold)),
    )
    return limits, latches, easing.after


def latches_now(settings: Settings, was: Latches, wish: Wish, soc_pct: float) -> Latches:
    """Tell which SOC bounds hold, with their hysteresis."""
    reserve = settings.backup_reserve_soc_pct
    floor = wish.floor_soc_pct
    return Latches(
        at_cutoff=at_floor(soc_pct, settings.discharge_cutoff_soc_pct, was=was.at_cutoff),
        at_reserve=reserve > 0 and at_floor(soc_pct, reserve, was=was.at_reserve),
        at_mode_floor=floor is not None and at_floor(soc_pct, floor, was=was.at_mode_floor),
        at_ceiling=at_ceiling(soc_pct, settings.charge_cutoff_soc_pct, was=was.at_ceiling),
        refilling=was.refilling,
        at_shaving=was.at_shaving,
        filling_shaving=was.filling_shaving,
    )


def _battery(narrow: Narrowing, settings: Settings) -> None:
    if settings.max_charge_w is not None:
        narrow.charge(settings.max_charge_w, "max_charge", Reason("max_charge", watts=settings.max_charge_w))
    if settings.max_discharge_w is not None:
        narrow.discharge(
            settings.max_discharge_w, "max_discharge", Reason("max_discharge", watts=settings.max_discharge_w)
        )


def _cutoffs(narrow: Narrowing, settings: Settings, latches: Latches, soc: float) -> None:
    """Bind everything. A device that holds a cut-off by itself needs no ceiling of ours at it."""
    cutoff, ceiling = settings.discharge_cutoff_soc_pct, settings.charge_cutoff_soc_pct
    lower = _floor_guard(
        narrow,
        Limit.DISCHARGE_CUTOFF,
        cutoff,
        narrow.inputs.plant.discharge_cutoff_soc_pct,
        latches.at_cutoff,
    )
    upper = narrow.guard(Limit.CHARGE_CUTOFF, ceiling)
    if latches.at_ceiling:
        reason = Reason("charge_cutoff", soc_pct=soc, cutoff_pct=ceiling)
        narrow.grid_charge(0.0, Limit.CHARGE_CUTOFF, reason)
        if upper is not Guard.DEVICE and ceiling < 100:  # noqa: PLR2004  a full battery stops by itself
            narrow.charge(0.0, Limit.CHARGE_CUTOFF, reason)
    if latches.at_cutoff:
        reason = Reason("discharge_cutoff", soc_pct=soc, cutoff_pct=cutoff)
        narrow.feed(0.0, Limit.DISCHARGE_CUTOFF, reason)
        if lower is not Guard.DEVICE:
            narrow.discharge(0.0, Limit.DISCHARGE_CUTOFF, reason)


def _floor_guard(narrow: Narrowing, limit: Limit, floor: float, found: float | None, at_floor: bool) -> Guard:
    """Note who holds a floor: at one that is lower in the device, because the SOC was lower yet, it is us."""
    guard = narrow.guard(limit, floor)
    if guard is Guard.DEVICE and at_floor and found is not None and found < floor:
        guard = narrow.guards[limit] = Guard.TRIM
    return guard


def _main_fuse(narrow: Narrowing, settings: Settings) -> float:
    site = narrow.inputs.site
    if site.main_fuse_a is None:
        return math.inf
    narrow.guard(Limit.MAIN_FUSE, site.main_fuse_a * site.voltage_v * site.phases)
    room = fuse_room(narrow.inputs, settings)
    if room is None:
        return math.inf
    narrow.guards[Limit.MAIN_FUSE] = room.guard
    return _fuse_bounds(narrow, room, site.main_fuse_a)


def _fuse_bounds(narrow: Narrowing, room: FuseRoom, fuse_a: float) -> float:
    easing, trimmed = narrow.easing, room.guard is Guard.TRIM
    charge = easing.most("fuse_charge", room.charge_w) if trimmed else room.charge_w
    feed = easing.most("fuse_feed", room.feed_w) if trimmed else room.feed_w
    narrow.grid_charge(charge, Limit.MAIN_FUSE, Reason(room.code, fuse_a=fuse_a, watts=charge))
    narrow.feed(feed, Limit.MAIN_FUSE, Reason(room.code, fuse_a=fuse_a, watts=feed))
    if not trimmed:
        return math.inf
    support = easing.least("fuse_support", room.support_w)
    if support <= 0:
        return math.inf
    narrow.support(support, Limit.MAIN_FUSE, Reason("main_fuse", fuse_a=fuse_a, watts=support))
    return max(0.0, easing.most("fuse_import", room.import_w))


def _export(narrow: Narrowing, limit_w: float | None, own_w: float | None) -> None:
    """Keep the export under its maximum; the battery takes what the sun has too much, while it can."""
    guard = Guard.NONE if own_w is None else narrow.guard(Limit.EXPORT, own_w)
    if limit_w is None or (guard is Guard.DEVICE and limit_w == own_w):
        return
    trimmed = _trimmable(narrow, Limit.EXPORT, own_w)
    if trimmed is None:
        sun = known(narrow.inputs.plant.pv_power_w)
        room = 0.0 if sun is None else limit_w - max(0.0, sun)
        narrow.feed(room, Limit.EXPORT, Reason("export_limit_static", limit_w=limit_w, watts=max(0.0, room)))
        return
    at_rest, _ = trimmed
    room = narrow.easing.most("export_feed", max(0.0, at_rest + limit_w))
    narrow.feed(room, Limit.EXPORT, Reason("export_limit", limit_w=limit_w, watts=room))
    need = narrow.easing.least("export_absorb", max(0.0, -at_rest - limit_w))
    if need > 0:
        narrow.absorb(need, Limit.EXPORT, Reason("export_limit", limit_w=limit_w, watts=need))


def _reserve(
    narrow: Narrowing, settings: Settings, latches: Latches, wish: Wish, soc: float, *, off_grid: bool
) -> float:
    """Keep the reserve on grid, and the floor that a mode has set itself; give the floor that holds."""
    floor, reserve = settings.discharge_cutoff_soc_pct, settings.backup_reserve_soc_pct
    if off_grid:
        return floor
    if reserve > 0:
        found = narrow.inputs.plant.backup_reserve_soc_pct
        guard = _floor_guard(narrow, Limit.BACKUP_RESERVE, reserve, found, latches.at_reserve)
        floor = max(floor, reserve)
        if latches.at_reserve:
            reason = Reason("backup_reserve", soc_pct=soc, reserve_pct=reserve)
            narrow.feed(0.0, Limit.BACKUP_RESERVE, reason)
            if guard is not Guard.DEVICE:
                narrow.discharge(0.0, Limit.BACKUP_RESERVE, reason)
    if wish.floor_soc_pct is not None:
        floor = max(floor, wish.floor_soc_pct)
        if latches.at_mode_floor:
            reason = Reason("mode_floor", soc_pct=soc, floor_pct=wish.floor_soc_pct)
            narrow.feed(0.0, "mode_floor", reason)
            narrow.discharge(0.0, "mode_floor", reason)
    return floor


def _import(narrow: Narrowing, limit_w: float | None, own_w: float | None) -> None:
    guard = Guard.NONE if own_w is None else narrow.guard(Limit.IMPORT, own_w)
    if limit_w is None or (guard is Guard.DEVICE and limit_w == own_w):
        return
    trimmed = _trimmable(narrow, Limit.IMPORT, own_w)
    if trimmed is None:
        largest = narrow.inputs.site.largest_load_w
        room = 0.0 if largest is None else max(0.0, limit_w - largest)
        narrow.grid_charge(room, Limit.IMPORT, Reason("import_limit_static", limit_w=limit_w, watts=room))
        return
    _, at_rest = trimmed
    room = narrow.easing.most("import_charge", max(0.0, limit_w - at_rest))
    narrow.grid_charge(room, Limit.IMPORT, Reason("import_limit", limit_w=limit_w, watts=room))


def _for_the_return(narrow: Narrowing, settings: Settings) -> None:
    """Leave in the device, while there is no grid, what has to hold in the moment in which it is back."""
    for limit in (Limit.EXPORT, Limit.BACKUP_RESERVE, Limit.IMPORT):
        if (value := settings.limits.get(limit)) is not None:
            narrow.guard(limit, value)


def _trimmable(narrow: Narrowing, limit: Limit, own_w: float | None) -> tuple[float, float] | None:
    """Give the grid's lowest and highest power with the battery at rest; None where we cannot follow it."""
    inputs = narrow.inputs
    grid = [
        (power + sample.battery_w[0], power + sample.battery_w[1])
        for sample in grid_samples(inputs)
        if (power := known(sample.power_w)) is not None and sample.battery_w is not None
    ]
    knob = inputs.guards.get(limit, Guard.NONE) is not Guard.NONE
    if knob and inputs.react_s is not None and grid:
        return min(high for _, high in grid), max(low for low, _ in grid)
    if own_w is not None and narrow.guards[limit] is Guard.TRIM:
        narrow.guards[limit] = Guard.NONE
    return None


def _device_exports(narrow: Narrowing, settings: Settings, wish: Wish) -> bool:
    held = narrow.guards.get(Limit.EXPORT) is Guard.DEVICE
    return held and _lower(settings.export_limit_w, wish.max_export_w) == settings.export_limit_w


def _lower(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)
