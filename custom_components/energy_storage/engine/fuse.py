"""What the main fuse leaves to the battery."""

from dataclasses import dataclass, replace
import math

from .command import Guard, Limit
from .inputs import Inputs, Site
from .metering import GridSample, grid_samples
from .reading import known
from .settings import Settings

_SLOWEST_S = 15.0
_SHORT_OVERLOAD = 1.45
"""What a fuse carries for the time that a trim needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseRoom:
    """What the battery may take from the grid and give to it, and what it must give."""

    guard: Guard
    charge_w: float
    feed_w: float
    support_w: float = 0.0
    import_w: float = math.inf
    """Of the whole house, when the battery gives just its support."""
    code: str
    """Reason of the bound."""


def fuse_room(inputs: Inputs, settings: Settings) -> FuseRoom | None:
    """Give what the fuse leaves; None without a fuse, or where the device holds it by itself.

    Trimmed only where that is quick enough and a fuse bears what can come meanwhile. Otherwise what
    we command stays under the fuse together with the largest load, and nobody guards the sum.
    """
    site = inputs.site
    guard = inputs.guards.get(Limit.MAIN_FUSE, Guard.NONE)
    if site.main_fuse_a is None or guard is Guard.DEVICE:
        return None
    fuse_w = site.main_fuse_a * site.voltage_v
    if guard is Guard.TRIM and _bearable(inputs, settings, fuse_w):
        rooms = [
            _trimmed(phases, fuse_w)
            for sample in grid_samples(inputs)
            if (phases := _without_battery(inputs, sample)) is not None
        ]
        if rooms:
            return _narrowest(rooms)
    largest = site.largest_load_w
    spare = 0.0 if largest is None else max(0.0, fuse_w - largest - site.commandable_w)
    share = _share(site)
    return FuseRoom(guard=Guard.NONE, charge_w=spare / share, feed_w=fuse_w / share, code="main_fuse_static")


def _share(site: Site) -> float:
    """The part of the battery's power that flows over its busiest phase."""
    return 1.0 if site.inverter_phase is not None else 1.0 / site.phases


def _bearable(inputs: Inputs, settings: Settings, fuse_w: float) -> bool:
    site, rated = inputs.site, inputs.plant.rated_power_w
    if inputs.react_s is None or inputs.react_s > _SLOWEST_S or site.largest_load_w is None or rated is None:
        return False
    battery = min(rated, rated if settings.max_charge_w is None else settings.max_charge_w)
    return battery * _share(site) + site.commandable_w + site.largest_load_w <= _SHORT_OVERLOAD * fuse_w


def _without_battery(inputs: Inputs, grid: GridSample) -> list[tuple[float, float, float]] | None:
    """Per phase, least and most that it would import with the battery at rest, and the battery's share.

    None where that is not measured: a total of three phases says nothing about one of them.
    """
    site = inputs.site
    if grid.battery_w is None:
        return None
    low, high = grid.battery_w
    if site.phases == 1:
        power = known(grid.power_w)
        return None if power is None else [(power + low, power + high, 1.0)]
    phases: list[tuple[float, float, float]] = []
    for number, power in enumerate(grid.phase_power_w):
        measured = known(power)
        if measured is None:
            return None
        share = 1 / site.phases if site.inverter_phase is None else float(site.inverter_phase == number)
        phases.append((measured + low * share, measured + high * share, share))
    return phases


def _narrowest(rooms: list[FuseRoom]) -> FuseRoom:
    """Give what every one of several moments leaves."""
    worst = max(rooms, key=lambda room: room.support_w)
    return replace(
        worst,
        charge_w=min(room.charge_w for room in rooms),
        feed_w=min(room.feed_w for room in rooms),
        import_w=min(room.import_w for room in rooms if room.support_w == worst.support_w),
    )


def _trimmed(phases: list[tuple[float, float, float]], fuse_w: float) -> FuseRoom:
    moved = [phase for phase in phases if phase[2] > 0]
    support = max(0.0, *((low - fuse_w) / share for low, _, share in moved))
    return FuseRoom(
        guard=Guard.TRIM,
        charge_w=max(0.0, min((fuse_w - low) / share for low, _, share in moved)),
        feed_w=max(0.0, min((fuse_w + high) / share for _, high, share in moved)),
        support_w=support,
        import_w=max(0.0, sum(low for low, _, _ in phases) - support),
        code="main_fuse",
    )
