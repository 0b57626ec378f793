"""What is known of a plant: its devices, every reading of them, and its state; asks nobody."""

from collections.abc import Callable, Iterator
from datetime import datetime

from ...engine.plant import Device, DeviceKind, PlantState, Value
from ..driver import Point, RegisterReading
from ..line import Clock
from .alarms import AlarmLog, FaultWord
from .counters import Counters
from .crew import Crew
from .messages import serial_text
from .readings import BY_KEY, ROWS, Row, address_of, raw_of
from .roster import Inverter, Roster
from .settle import Settled
from .state import Plant, plant_state

_SHOWN_BY = {
    DeviceKind.METER: "grid_import_energy_today",
    DeviceKind.GENERATOR: "active_power",
    DeviceKind.PV_INVERTER: "active_power",
}


class View:
    """Puts together what the inverters have said."""

    def __init__(
        self,
        crew: Crew,
        signs: Settled,
        counters: Counters,
        *,
        who: Callable[[], Roster],
        now: Callable[[], datetime],
        monotonic: Clock,
    ) -> None:
        """Look at what others keep up to date."""
        self._crew = crew
        self._signs = signs
        self._counters = counters
        self._who = who
        self._now = now
        self._monotonic = monotonic
        self._alarms = AlarmLog()

    def devices(self) -> tuple[Device, ...]:
        """Give the plant and what belongs to it; meter and sources join when they first show themselves."""
        seen = self._crew.of(self._who().inverters[0]).seen
        return self._who().devices(
            seen=frozenset(kind for kind, key in _SHOWN_BY.items() if BY_KEY[kind, key].path in seen)
        )

    def points(self) -> tuple[Point, ...]:
        """Give every reading that this plant has ever given since it was connected."""
        return tuple(row.point(device.key) for row, device in self._rows() if self._is_given(row, device))

    def value(self, point: Point) -> Value:
        """Give what a reading says now; None while unknown, also when its device is silent."""
        device = next((one for one in self.devices() if one.key == point.device), None)
        row = None if device is None else BY_KEY.get((device.kind, point.key))
        return None if device is None or row is None else self._value(row, device)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Give every member of every device; its address is made of the numbers along its path."""
        return tuple(
            RegisterReading(
                device=device.key,
                name=row.key,
                address=address_of(row),
                raw=None if (raw := self._raw(row, device)) is None else (raw,),
                value=self._value(row, device),
                unit=row.unit,
            )
            for row, device in self._rows()
        )

    def plant(self) -> Plant:
        """Give what each inverter has said last."""
        inverters = self._who().inverters
        return Plant(
            roster=self._who(),
            data={inverter.number: self._crew.of(inverter).data for inverter in inverters},
            settled=self._signs,
        )

    def state(self) -> PlantState:
        """Make the state of the plant."""
        now, inverters = self._now(), self._who().inverters
        clock = self._crew.of(inverters[0]).clock
        return plant_state(
            self.plant(),
            read_at=clock.measured_at or now,
            device_clock=clock.device_time,
            clock_frozen=clock.frozen(self._monotonic()),
            counters_kwh=self._counters.lifetime(serial_text(one.serial) or "" for one in inverters),
            alarms=self._alarms.update(self._fault_words(), now),
            reachable={device.key: self._crew.of(self._giver(device)).answers for device in self.devices()},
        )

    def _rows(self) -> Iterator[tuple[Row, Device]]:
        for device in self.devices():
            yield from ((row, device) for row in ROWS if row.kind is device.kind)

    def _giver(self, device: Device) -> Inverter:
        """Tell which inverter speaks for a device: the master for the plant, its meters and its sources."""
        inverters = self._who().inverters
        return next((one for one in inverters if device.key in (one.key, one.battery_key)), inverters[0])

    def _fault_words(self) -> Iterator[FaultWord]:
        for inverter in self._who().inverters:
            data = self._crew.of(inverter).data
            common = None if data is None or data.inverter is None else data.inverter.common
            battery = None if data is None else data.battery
            if common is not None:
                yield FaultWord(device=inverter.key, word="power_stage", bits=common.power_stage_faults)
                yield FaultWord(device=inverter.key, word="safety", bits=common.safety_faults)
            if battery is not None and inverter.has_battery:
                yield FaultWord(device=inverter.battery_key, word="battery", bits=battery.fault_bits)

    def _raw(self, row: Row, device: Device) -> int | None:
        return raw_of(row, self._crew.of(self._giver(device)).data, self._who().registry)

    def _is_given(self, row: Row, device: Device) -> bool:
        if row.of_registry:
            return self._raw(row, device) is not None
        return row.path in self._crew.of(self._giver(device)).seen

    def _value(self, row: Row, device: Device) -> Value:
        raw = self._raw(row, device)
        if row.total and raw is not None:
            return self._counters.today(serial_text(self._giver(device).serial) or "", row)
        return row.value(raw, self._signs)
