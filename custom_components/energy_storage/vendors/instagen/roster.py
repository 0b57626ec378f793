"""Who is behind a stick: its inverters with what belongs to them, and the devices made of that; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Self

from ...engine.plant import Device, DeviceKind, Identity
from .encryption import speaks_encrypted
from .messages import DeviceClass, GatewayInfo, InverterRef, Registry, serial_text, version_text
from .totals import whole

PLANT = "plant"
MOST_INVERTERS = 10
"""So many can be run in parallel behind one stick."""

_GATEWAY_ADDRESS = 255
_ADDRESSES = range(1, _GATEWAY_ADDRESS)
_NO_BATTERY = 0
_CAPACITY_STEP_WH = 100.0
_CAPACITIES_WH = (1_000.0, 200_000.0)
_MODEL = re.compile(r"\bH[YA][ST]-(\d+(?:\.\d+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """One inverter, as the stick knows it."""

    number: int
    """1 is the master, which has the meters."""
    serial: int
    target: int
    """Address of frames to it."""
    ref: InverterRef

    @property
    def key(self) -> str:
        """Key of its device."""
        return f"inverter_{self.number}"

    @property
    def battery_key(self) -> str:
        """Key of its battery's device."""
        return f"battery_{self.number}"

    @property
    def has_battery(self) -> bool:
        """Whether it may have a battery; only one that says no has none."""
        return self.ref.battery_type != _NO_BATTERY

    @property
    def identity(self) -> Identity:
        """Who it says it is."""
        return Identity(
            serial=serial_text(self.serial),
            model=self.ref.model_name or None,
            firmware=self.ref.sw_main or None,
        )

    @property
    def rated_w(self) -> float | None:
        """Its rated power, which stands only in the model's name: HYS-4.6LV is 4600 W."""
        found = _MODEL.search(self.ref.model_name or "")
        return None if found is None else float(found[1]) * 1000

    @property
    def capacity_wh(self) -> float | None:
        """Energy of its full battery; its unit is inferred, so what no battery has is not believed."""
        if not self.has_battery or self.ref.battery_capacity is None:
            return None
        capacity = self.ref.battery_capacity * _CAPACITY_STEP_WH
        low, high = _CAPACITIES_WH
        return capacity if low <= capacity <= high else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The plant behind a stick."""

    stick: int
    stick_version: str | None = None
    inverters: tuple[Inverter, ...]
    """The master first; never empty."""
    registry: Registry
    encrypted: bool = False
    """The stick says that it encrypts, which has not been seen to concern what is asked here."""

    @classmethod
    def of(cls, stick: int, registry: Registry, info: GatewayInfo | None = None) -> Self | None:
        """Make it of what the stick says; None where that is no storage system."""
        children = {} if info is None else {child.serial: child.bus_address for child in info.devices}
        refs = sorted(
            (
                (_target(ref, children.get(ref.serial)), ref.serial, ref)
                for ref in registry.inverters
                if ref.serial
            ),
            key=lambda one: one[:2],
        )[:MOST_INVERTERS]
        if not refs or refs[0][1] <= 0:
            return None
        block = next(iter(info.gateway), None) if info is not None else None
        return cls(
            stick=stick,
            stick_version=None if block is None else version_text(block.sw_version),
            inverters=tuple(
                Inverter(number=number, serial=serial, target=target, ref=ref)
                for number, (target, serial, ref) in enumerate(refs, 1)
            ),
            registry=registry,
            encrypted=info is not None and encrypts(info),
        )

    @property
    def identity(self) -> Identity:
        """Who the plant is: its master."""
        return self.inverters[0].identity

    @property
    def rated_w(self) -> float | None:
        """What the inverters can put out together."""
        return whole(inverter.rated_w for inverter in self.inverters)

    @property
    def capacity_wh(self) -> float | None:
        """Energy of all batteries."""
        return whole(inverter.capacity_wh for inverter in self.inverters if inverter.has_battery)

    def devices(self, *, seen: frozenset[DeviceKind]) -> tuple[Device, ...]:
        """Give the devices; of meter, generator and PV inverter those that have shown themselves.

        Ids are made of the inverters' serial numbers, so that they outlive a stick.
        """
        plant_uid = self.identity.serial or ""
        master = self.inverters[0]
        gateway = Identity(serial=serial_text(self.stick), firmware=self.stick_version)
        return (
            Device(
                key=PLANT, uid=plant_uid, kind=DeviceKind.PLANT, unit_id=master.target, identity=self.identity
            ),
            Device(
                key="gateway",
                uid=f"{plant_uid}_gateway",
                kind=DeviceKind.GATEWAY,
                unit_id=_GATEWAY_ADDRESS,
                identity=gateway,
                parent=PLANT,
            ),
            *(device for inverter in self.inverters for device in _devices_of(inverter)),
            *(
                Device(
                    key=f"{kind}_1",
                    uid=f"{plant_uid}_{kind}",
                    kind=kind,
                    unit_id=master.target,
                    identity=Identity(serial=self._meter_serial(kind)),
                    parent=master.key,
                )
                for kind in (DeviceKind.METER, DeviceKind.GENERATOR, DeviceKind.PV_INVERTER)
                if kind in seen
            ),
        )

    def _meter_serial(self, kind: DeviceKind) -> str | None:
        return (
            self.registry.meters.grid_meter_serial
            if self.registry.meters and kind is DeviceKind.METER
            else None
        )


def _devices_of(inverter: Inverter) -> Iterator[Device]:
    serial = serial_text(inverter.serial)
    yield Device(
        key=inverter.key,
        uid=f"{serial}_inverter",
        kind=DeviceKind.INVERTER,
        unit_id=inverter.target,
        identity=inverter.identity,
        parent=PLANT,
    )
    if inverter.has_battery:
        ref = inverter.ref
        yield Device(
            key=inverter.battery_key,
            uid=f"{serial}_battery",
            kind=DeviceKind.BATTERY,
            unit_id=inverter.target,
            identity=Identity(serial=ref.battery_serial or None, firmware=ref.battery_sw or None),
            parent=inverter.key,
        )


def _target(ref: InverterRef, known_to_stick: int | None) -> int:
    """Give the address of an inverter; the first one where nobody says a usable one."""
    return next((at for at in (ref.bus_address, known_to_stick) if at in _ADDRESSES and at is not None), 1)


def encrypts(info: GatewayInfo) -> bool:
    """Tell whether a stick says that it encrypts."""
    return any(speaks_encrypted(block.feature_bits) for block in info.gateway)


def is_storage(info: GatewayInfo) -> bool:
    """Tell whether a stick has hybrid inverters behind it; one that names no device may have."""
    classes = {device.device_class for device in info.devices}
    return not classes or DeviceClass.INVERTER in classes
