"""How PV and battery share what is asked of them, one function per behaviour."""

from collections.abc import Callable
from dataclasses import dataclass

from .curves import clamp
from .posture import Behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """The inverter between its DC side, where PV and battery are, and the AC bus."""

    efficiency: float
    standby_w: float

    def to_ac(self, dc_w: float) -> float:
        """AC power for this DC power, both + towards the house; never more than the DC power."""
        rest_w = dc_w - self.standby_w
        return rest_w * self.efficiency if rest_w > 0 else rest_w / self.efficiency

    def to_dc(self, ac_w: float) -> float:
        """DC power that gives this AC power."""
        return (ac_w / self.efficiency if ac_w > 0 else ac_w * self.efficiency) + self.standby_w


@dataclass(slots=True, kw_only=True)
class Room:
    """What may flow now; lowest to remote say what PV and battery give together, at the DC side."""

    pv_w: float
    charge_w: float
    discharge_w: float
    lowest_w: float
    """As little as the inverter and the import limit allow; negative draws from the AC bus."""
    highest_w: float
    """As much as the inverter and the export limit allow."""
    house_w: float
    """What brings the grid to 0, within lowest and highest."""
    remote_w: float
    """What the setpoint asks for, within lowest and highest."""


type Shares = tuple[float, float]
"""PV and battery, + discharging, in watts."""


def _curtailed(pv_w: float, battery_w: float, highest_w: float) -> Shares:
    return clamp(highest_w - battery_w, 0.0, pv_w), battery_w


def self_consumption(room: Room) -> Shares:
    """Meet the house; the battery takes the surplus and gives what lacks."""
    battery_w = clamp(room.house_w - room.pv_w, -room.charge_w, room.discharge_w)
    return _curtailed(room.pv_w, battery_w, room.highest_w)


def _standby(room: Room) -> Shares:
    """Let the battery rest."""
    return _curtailed(room.pv_w, 0.0, room.highest_w)


def _charge_grid_first(room: Room) -> Shares:
    pv_w = clamp(room.charge_w + room.lowest_w, 0.0, room.pv_w)
    return pv_w, clamp(room.lowest_w - pv_w, -room.charge_w, room.discharge_w)


def charge_pv_first(room: Room) -> Shares:
    """Charge as much as allowed, from the AC bus too."""
    battery_w = clamp(room.lowest_w - room.pv_w, -room.charge_w, room.discharge_w)
    return _curtailed(room.pv_w, battery_w, room.highest_w)


def _discharge_pv_first(room: Room) -> Shares:
    return _curtailed(room.pv_w, clamp(room.highest_w - room.pv_w, 0.0, room.discharge_w), room.highest_w)


def _discharge_battery_first(room: Room) -> Shares:
    battery_w = clamp(room.highest_w, 0.0, room.discharge_w)
    return _curtailed(room.pv_w, battery_w, room.house_w)


def _shave(room: Room) -> Shares:
    """Take the surplus; give what is beyond the import limit."""
    if room.pv_w >= room.house_w:
        return self_consumption(room)
    return _curtailed(room.pv_w, clamp(room.lowest_w - room.pv_w, 0.0, room.discharge_w), room.highest_w)


def _remote_power(room: Room) -> Shares:
    battery_w = clamp(room.remote_w - room.pv_w, -room.charge_w, room.discharge_w)
    return _curtailed(room.pv_w, battery_w, room.remote_w)


def _full_feed_in(room: Room) -> Shares:
    battery_w = clamp(room.highest_w - room.pv_w, -room.charge_w, room.discharge_w)
    return _curtailed(room.pv_w, battery_w, room.highest_w)


SHARES: dict[Behaviour, Callable[[Room], Shares]] = {
    Behaviour.SELF_CONSUMPTION: self_consumption,
    Behaviour.STANDBY: _standby,
    Behaviour.CHARGE_GRID_FIRST: _charge_grid_first,
    Behaviour.CHARGE_PV_FIRST: charge_pv_first,
    Behaviour.DISCHARGE_PV_FIRST: _discharge_pv_first,
    Behaviour.DISCHARGE_BATTERY_FIRST: _discharge_battery_first,
    Behaviour.SHAVE: _shave,
    Behaviour.REMOTE_POWER: _remote_power,
    Behaviour.FULL_FEED_IN: _full_feed_in,
}
"""Every behaviour but OFF, in which nothing flows."""
