"""What sensors of every device have in common: their pace, and energy that does not fall."""

from abc import abstractmethod
from datetime import datetime
from typing import override

from homeassistant.components.sensor import RestoreSensor, SensorEntity
from homeassistant.const import UnitOfEnergy

from .coordinator import PlantCoordinator
from .engine.plant import Counter, Device, Value
from .entity import PlantEntity
from .high_water import HighWaterMark
from .integrate import POWER_OF, Integral
from .measures import COUNTER, NUMBER
from .publish import Pace, worth_publishing


class ReadingSensor(PlantEntity, SensorEntity):
    """A sensor that follows its reading no closer than its pace."""

    _pace: Pace = NUMBER.pace
    _digits: int = NUMBER.digits
    _shown_at: datetime | None = None

    @abstractmethod
    def read_value(self) -> Value:
        """What the newest reading says."""

    @override
    def take_reading(self) -> bool:
        value = self.read_value()
        if isinstance(value, float):
            value = round(value, self._digits) if self._digits else round(value)
        if self.options is not None and isinstance(value, str) and value not in self.options:
            self._attr_options = [*self.options, value]  # a number that the maker has not described
        if not self._worth_showing(value):
            return False
        self._attr_native_value = value
        self._shown_at = self.coordinator.data.at
        return True

    def _worth_showing(self, value: Value) -> bool:
        shown = self._attr_native_value
        if isinstance(shown, (int, float)) and isinstance(value, (int, float)) and self._shown_at is not None:
            age_s = (self.coordinator.data.at - self._shown_at).total_seconds()
            return worth_publishing(shown, value, age_s, self._pace)
        return shown != value


class CounterSensor(ReadingSensor, RestoreSensor):
    """Energy that the device counts itself; it does not fall, not even over a restart."""

    _attr_device_class = COUNTER.device_class
    _attr_state_class = COUNTER.state_class
    _attr_native_unit_of_measurement = UnitOfEnergy.KILO_WATT_HOUR
    _attr_suggested_display_precision = COUNTER.digits
    _pace, _digits = COUNTER.pace, COUNTER.digits

    def __init__(self, coordinator: PlantCoordinator, device: Device, counter: Counter) -> None:
        """Show one of the plant's counters."""
        super().__init__(coordinator, device, counter.value)
        self.counter = counter
        self._attr_translation_key = counter.value
        self._mark = HighWaterMark()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the energy that was shown last."""
        self._mark = HighWaterMark(await _last_energy_kwh(self))
        await super().async_added_to_hass()

    def counted_kwh(self) -> float | None:
        """Give what the device says."""
        return self.coordinator.data.state.counters_kwh.get(self.counter)

    @override
    def read_value(self) -> Value:
        return self._mark.feed(self.counted_kwh(), self.coordinator.data.at)


class IntegratedSensor(ReadingSensor, RestoreSensor):
    """Energy summed up from power, because the device does not count it; goes on after a restart."""

    _attr_device_class = COUNTER.device_class
    _attr_state_class = COUNTER.state_class
    _attr_native_unit_of_measurement = UnitOfEnergy.KILO_WATT_HOUR
    _attr_suggested_display_precision = COUNTER.digits
    _attr_extra_state_attributes = {"source": "integrated"}  # noqa: RUF012  Home Assistant's own pattern
    _pace, _digits = COUNTER.pace, 3

    def __init__(self, coordinator: PlantCoordinator, device: Device, counter: Counter) -> None:
        """Sum up for one of the plant's counters."""
        super().__init__(coordinator, device, f"{counter}_integrated")
        self._attr_translation_key = f"{counter}_integrated"
        self._power_of = POWER_OF[counter]
        self._energy = Integral()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the energy that was shown last."""
        self._energy = Integral(await _last_energy_kwh(self) or 0.0)
        await super().async_added_to_hass()

    @override
    def read_value(self) -> Value:
        state = self.coordinator.data.state
        self._energy.add(self._power_of(state), state.read_at)
        return self._energy.kwh


async def _last_energy_kwh(sensor: RestoreSensor) -> float | None:
    """What a sensor showed before Home Assistant was restarted."""
    kept = await sensor.async_get_last_sensor_data()
    return (
        float(kept.native_value) if kept is not None and isinstance(kept.native_value, (int, float)) else None
    )
