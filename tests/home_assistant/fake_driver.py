"""A driver without a device, for tests of what happens around one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from custom_components.energy_storage.engine.plant import Device, DeviceKind, Identity, PlantState, Value
from custom_components.energy_storage.vendors.control import PlantControl
from custom_components.energy_storage.vendors.driver import DriverState, Due, Point, Raw, RegisterReading
from custom_components.energy_storage.vendors.raw_access import RawAccess


@dataclass
class FakeDriver:
    """Answers each reading with what `answer` gives or raises."""

    answer: Callable[[Due], PlantState]
    settled: bool = True
    closed: bool = False
    state: DriverState = field(default_factory=dict[str, object])
    asked: list[Due] = field(default_factory=list[Due])
    identity: Identity = field(default_factory=Identity)
    values: dict[str, Value] = field(default_factory=dict[str, Value])
    points: tuple[Point, ...] = ()
    control: PlantControl | None = None
    raw_access: RawAccess | None = None
    devices: tuple[Device, ...] = (
        Device(key="plant", uid="X", kind=DeviceKind.PLANT, unit_id=247, identity=Identity()),
    )

    async def connect(self, saved: DriverState | None) -> None:
        """Need nothing."""

    async def read(self, due: Due) -> PlantState:
        """Remember what was asked for, and answer."""
        self.asked.append(due)
        return self.answer(due)

    def value(self, point: Point) -> Value:
        """Give the value that the test has set."""
        return self.values.get(point.key)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Have none."""
        return ()

    def raw(self, device: Device | None = None) -> Raw:  # noqa: ARG002  it has none of any
        """Have none."""
        return {}

    async def close(self) -> None:
        """Remember it."""
        self.closed = True
