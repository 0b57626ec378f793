"""The flow in which the owner adds a meter at the grid connection."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN, SensorDeviceClass
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import probatio

from .const import (
    CONF_DIRECTION,
    CONF_ENTITIES,
    CONF_LINK,
    CONF_MODEL,
    CONF_SERIAL_PORT,
    CONF_SIDE,
    CONF_SOURCE,
    CONF_UNIT_ID,
    SUBENTRY_GRID_METER,
)
from .forms import Fields, dropdown, link_fields, number, typed_link, whole
from .link import Link
from .meter_probe import MeterProbeError, async_probe_meter, check_sensors
from .own_meter import EXPORT_POSITIVE, IMPORT_POSITIVE
from .probe import Problem
from .texts import load_texts
from .vendors.driver import LinkKind
from .vendors.meters import model_by_key
from .vendors.meters.meter import MapFault, Side

SENSOR: Final = "sensor"
SENSORS: Final = "sensors"
SOURCES: Final = (*(kind.value for kind in LinkKind), SENSOR, SENSORS)
SENSOR_FIELDS: Final = {
    SENSOR: ("power_entity",),
    SENSORS: ("power_entity_l1", "power_entity_l2", "power_entity_l3"),
}
MODBUS_PORT: Final = 502

FIELD_AT_FAULT: Final[Mapping[str, str]] = {
    Problem.NAME_UNKNOWN: CONF_HOST,
    Problem.UNREACHABLE: CONF_HOST,
    Problem.REFUSED: CONF_PORT,
    Problem.GARBLED: CONF_PORT,
    Problem.SERIAL_PORT: CONF_SERIAL_PORT,
    MapFault.RATIO: CONF_SIDE,
}
"""Where to look; what is not here is no single field's fault."""


class GridMeterFlow(ConfigSubentryFlow):
    """Add the one meter of a plant, or change it; the entry's update listener lets it take effect."""

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Let the owner say what the meter is read from."""
        if any(self._get_entry().get_subentries_of_type(SUBENTRY_GRID_METER)):
            return self.async_abort(reason="already_configured")
        return self.async_show_menu(step_id="user", menu_options=list(SOURCES))

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Let the owner say what it is read from, from now on."""
        return self.async_show_menu(step_id="reconfigure", menu_options=list(SOURCES))

    async def async_step_tcp(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a meter on Modbus TCP."""
        return await self._async_step_modbus(LinkKind.TCP, user_input)

    async def async_step_rtu_over_tcp(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a meter behind an adapter that passes bytes on."""
        return await self._async_step_modbus(LinkKind.RTU_OVER_TCP, user_input)

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a meter at a serial port."""
        return await self._async_step_modbus(LinkKind.SERIAL, user_input)

    async def async_step_sensor(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for one sensor of the whole connection."""
        return await self._async_step_sensors(SENSOR, user_input)

    async def async_step_sensors(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for one sensor of each phase."""
        return await self._async_step_sensors(SENSORS, user_input)

    async def _async_step_modbus(
        self, kind: LinkKind, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Look for a meter at what the owner typed."""
        if user_input is None:
            return self._form(kind, modbus_schema(kind))
        link = Link.of({**user_input, CONF_LINK: kind})
        unit_id, side = user_input[CONF_UNIT_ID], Side(user_input[CONF_SIDE])
        try:
            model = await async_probe_meter(self.hass, self._get_entry(), link, unit_id, side)
        except MeterProbeError as err:
            field = FIELD_AT_FAULT.get(err.problem, "base")
            return self._form(kind, modbus_schema(kind), user_input, {field: err.problem.value})
        data = {
            CONF_SOURCE: kind.value,
            **link.data(),
            CONF_UNIT_ID: unit_id,
            CONF_MODEL: model.key,
            CONF_SIDE: side.value,
            CONF_DIRECTION: user_input[CONF_DIRECTION],
        }
        return self._done(model_by_key(model.key).name, data)

    async def _async_step_sensors(self, source: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        """Look whether the sensors say a power."""
        if user_input is None:
            return self._form(source, sensors_schema(source))
        entity_ids = [user_input[field] for field in SENSOR_FIELDS[source]]
        problems = check_sensors(self.hass, self._get_entry(), entity_ids)
        if problems:
            errors = {SENSOR_FIELDS[source][index]: problem.value for index, problem in problems.items()}
            return self._form(source, sensors_schema(source), user_input, errors)
        data = {
            CONF_SOURCE: source,
            CONF_ENTITIES: entity_ids,
            CONF_DIRECTION: user_input[CONF_DIRECTION],
        }
        return self._done((await load_texts(self.hass))["common.grid_meter"], data)

    def _form(
        self,
        source: str,
        schema: probatio.Schema,
        entered: Mapping[str, Any] | None = None,
        errors: dict[str, str] | None = None,
    ) -> SubentryFlowResult:
        """Show a form with what was typed, or with what holds."""
        if entered is None and self.source == SOURCE_RECONFIGURE:
            entered = _typed(source, self._get_reconfigure_subentry().data)
        return self.async_show_form(
            step_id=source,
            data_schema=self.add_suggested_values_to_schema(schema, entered or {}),
            errors=errors,
        )

    def _done(self, title: str, data: dict[str, Any]) -> SubentryFlowResult:
        """Keep it."""
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            return self.async_update_and_abort(self._get_entry(), subentry, title=title, data=data)
        return self.async_create_entry(title=title, data=data)


def modbus_schema(kind: LinkKind) -> probatio.Schema:
    """Ask how a meter is reached, and what its numbers mean."""
    fields: Fields = {
        **link_fields(kind, MODBUS_PORT),
        probatio.Required(CONF_UNIT_ID, default=1): whole(number(1, 247)),
        probatio.Required(CONF_SIDE, default=Side.SECONDARY.value): dropdown(Side, "meter_side"),
    }
    return probatio.Schema(fields | _direction())


def sensors_schema(source: str) -> probatio.Schema:
    """Ask for the sensors, and what their sign means."""
    powers = EntitySelector(
        EntitySelectorConfig(filter=[{"domain": SENSOR_DOMAIN, "device_class": SensorDeviceClass.POWER}])
    )
    fields: Fields = {probatio.Required(field): powers for field in SENSOR_FIELDS[source]}
    return probatio.Schema(fields | _direction())


def _direction() -> Fields:
    return {
        probatio.Required(CONF_DIRECTION, default=IMPORT_POSITIVE): dropdown(
            (IMPORT_POSITIVE, EXPORT_POSITIVE), "meter_direction"
        )
    }


def _typed(source: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make of what is kept what its owner would have typed in this form; nothing of another source."""
    if data[CONF_SOURCE] != source:
        return {}
    if source in SENSOR_FIELDS:
        return {**dict(zip(SENSOR_FIELDS[source], data[CONF_ENTITIES], strict=True)), **data}
    return {**data, **typed_link(Link.of(data))}
