"""Numbers: powers, targets, cut-offs and limits of the plant, and what each charger may take."""

from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.number import (
    DOMAIN as NUMBER_DOMAIN,
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfElectricCurrent, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_request, controller_of
from .control_entity import SettingEntity
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.command import Guard, Limit
from .engine.plant import Device
from .engine.settings import SETTINGS, Setting, SettingKind
from .entity import Offer, PlantEntity, add_as_they_appear, was_there
from .room import chargers
from .vendors.control import Request, Span

PARALLEL_UPDATES = 1

_DEVICE_CLASSES = {"W": NumberDeviceClass.POWER, "min": NumberDeviceClass.DURATION}
_EVERYDAY = "backup_reserve_soc_pct"
_WHERE_ROOM = frozenset(
    {
        "force_charge_power_w",
        "force_charge_target_soc_pct",
        "force_discharge_power_w",
        "force_discharge_floor_soc_pct",
    }
)
_LIMITS = {
    "charge_cutoff_soc_pct": Limit.CHARGE_CUTOFF,
    "discharge_cutoff_soc_pct": Limit.DISCHARGE_CUTOFF,
    "backup_reserve_soc_pct": Limit.BACKUP_RESERVE,
    "export_limit_w": Limit.EXPORT,
    "import_limit_w": Limit.IMPORT,
}


@dataclass(frozen=True, kw_only=True)
class SettingNumberDescription(NumberEntityDescription):
    """A setting that is a number."""

    limit: Limit | None = None
    """The limit that it sets, of which it is told who holds it."""
    where_room: bool = False
    """Whether it waits disabled on a plant whose chargers need the room."""


@dataclass(frozen=True, kw_only=True)
class ChargerNumberDescription(NumberEntityDescription):
    """What a charger may take."""

    request: Request


def _row(setting: Setting) -> SettingNumberDescription:
    everyday = setting.key == _EVERYDAY or setting.key in _WHERE_ROOM
    return SettingNumberDescription(
        key=setting.key,
        native_min_value=setting.low,
        native_max_value=setting.high,
        native_step=setting.step,
        native_unit_of_measurement=setting.unit,
        device_class=_DEVICE_CLASSES.get(setting.unit or ""),
        mode=NumberMode.BOX,
        entity_category=None if everyday else EntityCategory.CONFIG,
        entity_registry_enabled_default=everyday,
        limit=_LIMITS.get(setting.key),
        where_room=setting.key in _WHERE_ROOM,
    )


NUMBERS = tuple(_row(setting) for setting in SETTINGS if setting.kind is SettingKind.NUMBER)

CHARGER_NUMBERS = (
    ChargerNumberDescription(
        key="charging_current",
        request=Request.LIMIT_CURRENT,
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_step=0.1,
    ),
    ChargerNumberDescription(
        key="charging_power",
        request=Request.LIMIT_POWER,
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_step=100,
    ),
)
"""A charger has at most one of them."""


def is_enabled(row: SettingNumberDescription, *, crowded: bool) -> bool:
    """Tell whether a number is enabled at first."""
    return row.entity_registry_enabled_default and not (crowded and row.where_room)


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the numbers of one plant and its chargers, if it can be commanded."""
    runtime = entry.runtime_data
    if runtime.controller is None:
        return
    control, driver = runtime.controller.control, runtime.driver

    def offer() -> Offer:
        crowded = chargers(driver.devices)
        for row in NUMBERS:
            uid = f"{driver.devices[0].uid}_{row.key}"
            if not row.where_room or driver.settled or was_there(hass, NUMBER_DOMAIN, uid):
                yield row.key, partial(SettingNumber, runtime, row, crowded=bool(crowded))
        for device in driver.devices:
            asked = control.requests(device.key) if device.key in crowded else {}
            for charger_row in CHARGER_NUMBERS:
                if charger_row.request in asked:
                    name = f"{device.key}_{charger_row.key}"
                    yield name, partial(ChargerNumber, runtime, device, charger_row)

    await add_as_they_appear(entry, async_add_entities, offer)


def _plain(value: float | None) -> float | None:
    """Write whole numbers without a point."""
    return int(value) if value is not None and float(value).is_integer() else value


class SettingNumber(SettingEntity, NumberEntity):
    """A setting that is a number; the highest value of one that can be left out means no limit."""

    entity_description: SettingNumberDescription

    def __init__(
        self, runtime: PlantRuntime, description: SettingNumberDescription, *, crowded: bool
    ) -> None:
        """Show one row of the table."""
        super().__init__(runtime, description.key)
        self.entity_description = description
        self._attr_entity_registry_enabled_default = is_enabled(description, crowded=crowded)

    @override
    def take_reading(self) -> bool:
        before = (self._attr_native_value, getattr(self, "_attr_extra_state_attributes", None))
        row = self.entity_description
        self._attr_native_value = _plain(getattr(self.settings, row.key))
        if row.limit is not None:
            self._attr_extra_state_attributes = {"guarded_by": self._guard(row.limit)}
        return before != (self._attr_native_value, getattr(self, "_attr_extra_state_attributes", None))

    def _guard(self, limit: Limit) -> str | None:
        """Say who holds the limit, or would while control is on; None while it is not set."""
        limits, controller = self.settings.limits, controller_of(self.runtime)
        if limit not in limits:
            return None
        decided = {} if controller.view is None else controller.view.decision.guards
        if limit in decided:
            return decided[limit].value
        return controller.control.capabilities(limits).guards.get(limit, Guard.NONE).value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it."""
        await self.change(**{self.entity_description.key: value})


class ChargerNumber(PlantEntity, NumberEntity):
    """What a charger may take, as it says itself."""

    entity_description: ChargerNumberDescription
    _attr_mode = NumberMode.BOX
    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, runtime: PlantRuntime, device: Device, description: ChargerNumberDescription) -> None:
        """Belong to the charger."""
        super().__init__(runtime.coordinator, device, description.key)
        self.runtime = runtime
        self.entity_description = description
        self._attr_translation_key = description.key
        self._span: Span | None = None

    @override
    def take_reading(self) -> bool:
        """What is not known at the moment stays as it was: then the charger is unavailable anyway."""
        asked = controller_of(self.runtime).control.requests(self.device_key)
        span = asked.get(self.entity_description.request) or self._span
        if span is None or span == self._span:
            return False
        self._span = span
        self._attr_native_min_value, self._attr_native_max_value = span.low, span.high
        self._attr_native_value = _plain(span.now)
        return True

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Ask it of the charger."""
        await async_request(self.runtime, self.device_key, self.entity_description.request, value)
        self.take_reading()
        self.async_write_ha_state()
