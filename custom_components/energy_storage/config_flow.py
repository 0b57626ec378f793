"""Flows to add a plant and to change how it is reached; they lead to its options and subentries."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from .const import CONF_FIRST_CONTROL, CONF_SERIAL_PORT, CONF_VENDOR, DOMAIN
from .engine import ControlState
from .forms import (
    SECTION_ADVANCED,
    address_schema,
    entry_data,
    found_placeholders,
    join_unit_ids,
    parse_address,
    plant_title,
    typed,
    with_silent_devices,
)
from .link import Link
from .options_flow import PlantOptionsFlow
from .probe import Address, ProbeError, Problem, async_probe, last_address
from .profiles import async_profiles
from .subentry_flow import subentry_flows
from .vendors import VENDORS, vendor_by_key
from .vendors.driver import AnyVendor, Discovery, LinkKind, ModbusVendor, StreamVendor

FIELD_AT_FAULT: Final = {
    Problem.NAME_UNKNOWN: CONF_HOST,
    Problem.UNREACHABLE: CONF_HOST,
    Problem.NOT_THIS_VENDOR: CONF_HOST,
    Problem.STREAM_UNREACHABLE: CONF_HOST,
    Problem.STREAM_NOT_THIS_VENDOR: CONF_HOST,
    Problem.STREAM_REFUSED: CONF_PORT,
    Problem.STREAM_GARBLED: CONF_PORT,
    Problem.REFUSED: CONF_PORT,
    Problem.GARBLED: CONF_PORT,
    Problem.NO_INVERTER: SECTION_ADVANCED,
    Problem.UNIT_ID_CLASH: SECTION_ADVANCED,
    Problem.SERIAL_PORT: CONF_SERIAL_PORT,
}
"""Where to look; what is not here is no single field's fault. A section stands for the fields in it."""


def _maker(mac: str) -> AnyVendor:
    """Find the vendor whose devices have this MAC address; the manifest lets no others in."""
    return next(vendor for vendor in VENDORS if mac.upper().startswith(vendor.mac_prefixes))


def links_of(vendor: AnyVendor) -> tuple[LinkKind, ...]:
    """Give the ways to a plant of this vendor, the usual one first."""
    return vendor.links if isinstance(vendor, ModbusVendor) else (LinkKind.TCP,)


def form_of(vendor: AnyVendor, kind: LinkKind) -> str:
    """Name the form that asks for an address: one for each way, where there are several."""
    return vendor.key if len(links_of(vendor)) == 1 else f"{vendor.key}_{kind}"


class EnergyStorageConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add a plant, or change how it is reached."""

    VERSION = 1
    MINOR_VERSION = 1

    _vendor: AnyVendor
    _link: LinkKind
    _address: Address
    _found: Discovery
    _profiles: tuple[str, ...] = ()
    """Names of the owner's own register maps."""

    def __init__(self) -> None:
        """Start with an empty form."""
        self._entered: dict[str, Any] = {}
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}
        self._search: asyncio.Task[Discovery] | None = None
        self._asked = (0, 0)

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> PlantOptionsFlow:
        """Choose how the plant is read, or check what it can do."""
        return PlantOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Say what a plant may have besides itself."""
        return subentry_flows(config_entry)

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the owner pick the maker of the plant."""
        return self.async_show_menu(step_id="user", menu_options=[vendor.key for vendor in VENDORS])

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Offer a plant's device that took an address, or follow a known plant to it."""
        self._vendor = _maker(discovery_info.macaddress)
        self._link = LinkKind.TCP
        # Stands for the device until its serial number is known, so that it is offered, or ignored, once.
        await self.async_set_unique_id(format_mac(discovery_info.macaddress))
        self._abort_if_unique_id_configured()
        self._async_abort_entries_match({CONF_HOST: discovery_info.ip})
        for entry in self._async_current_entries(include_ignore=False):
            if entry.data[CONF_VENDOR] == self._vendor.key:
                await self._async_follow(entry, discovery_info.ip)
        self._entered = {CONF_HOST: discovery_info.ip, CONF_PORT: self._vendor.default_port}
        self.context["title_placeholders"] = {"name": f"{self._vendor.name} ({discovery_info.ip})"}
        return self._show_form()

    async def _async_follow(self, entry: ConfigEntry, host: str) -> None:
        """End the flow if this plant answers at the host; move its entry there if it has left its old one.

        Each inverter has an address of its own and speaks for the whole plant, so an address that still
        works is kept. A host that does not answer may belong to the plant: it is not offered as another.
        """
        if (serial := await self._async_serial_at(host, entry)) is None:
            raise AbortFlow("cannot_connect")
        if serial != entry.unique_id:
            return
        if await self._async_serial_at(entry.data[CONF_HOST], entry) != serial:
            self.hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: host})
            if not entry.update_listeners:  # else these set it up anew
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
        raise AbortFlow("already_configured")

    async def _async_serial_at(self, host: str, entry: ConfigEntry) -> str | None:
        """Ask for the serial number of the plant at this host; None when no plant answers."""
        try:
            return (await async_probe(self.hass, last_address(entry, host))).plant.serial
        except ProbeError:
            return None

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how a plant is reached from now on."""
        data = self._get_reconfigure_entry().data
        self._vendor, self._link = vendor_by_key(data[CONF_VENDOR]), Link.of(data).kind
        self._entered = self._entered or typed(data)
        return await self._async_step_address(user_input)

    async def async_step_vendor(self, vendor: AnyVendor) -> ConfigFlowResult:
        """Ask for the way to a plant of this vendor, where there are several."""
        links = links_of(vendor)
        if len(links) == 1:
            return await self.async_step_way(vendor, links[0], None)
        forms = [form_of(vendor, kind) for kind in links]
        return self.async_show_menu(step_id=vendor.key, menu_options=forms)

    async def async_step_way(
        self, vendor: AnyVendor, kind: LinkKind, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Ask how a plant of this vendor is reached."""
        self._vendor, self._link = vendor, kind
        return await self._async_step_address(user_input)

    async def _async_step_address(self, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Look at what the owner typed, then look for the plant."""
        profiles = await async_profiles(self.hass, self._vendor)
        self._profiles = profiles.names
        if user_input is None:
            return self._show_form()
        self._entered, self._errors = user_input, {}
        if (wrong := next(iter(profiles.wrong.values()), None)) is not None:
            self._errors, self._placeholders = {"base": "profile_wrong"}, {"problem": str(wrong)}
            return self._show_form()
        kept = self._get_reconfigure_entry().options if self.source == SOURCE_RECONFIGURE else {}
        try:
            self._address = parse_address(
                self._vendor, self._link, {**self._vendor.chosen(kept), **user_input}
            )
        except ValueError:
            self._errors = {SECTION_ADVANCED: "unit_ids_invalid"}
            return self._show_form()
        self._async_abort_entries_match(self._address.link.data())
        return await self.async_step_search()

    @property
    def _form_step(self) -> str:
        form = form_of(self._vendor, self._link)
        return f"reconfigure_{form}" if self.source == SOURCE_RECONFIGURE else form

    def _show_form(self, *, unit_ids_shown: bool = False) -> ConfigFlowResult:
        """Ask for the address, with everything that was typed before and what was wrong with it."""
        collapsed = not unit_ids_shown and SECTION_ADVANCED not in self._errors
        new = self.source != SOURCE_RECONFIGURE
        schema = address_schema(
            self._vendor, self._link, new=new, collapsed=collapsed, profiles=self._profiles
        )
        return self.async_show_form(
            step_id=self._form_step,
            data_schema=self.add_suggested_values_to_schema(schema, self._entered),
            errors=self._errors,
            description_placeholders={
                "vendor": self._vendor.name,
                "port": str(self._vendor.default_port),
                **_unit_ids(self._vendor),
                **self._placeholders,
            },
            last_step=False,
        )

    async def async_step_search(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Search in the background and show how far it is."""
        if self._search is None:
            self._asked = (0, max(1, len(self._address.unit_ids)))
            # Not eager: a search that ends before it is shown would bring the form's input to the next step.
            self._search = self.hass.async_create_task(
                async_probe(self.hass, self._address, self._show_progress), eager_start=False
            )
        if not self._search.done():
            asked, total = self._asked
            number = min(asked + 1, total)
            return self.async_show_progress(
                step_id="search",
                progress_action="search" if self._address.unit_ids else "search_one",
                progress_task=self._search,
                description_placeholders={
                    "host": self._address.link.where,
                    "unit_id": str(self._address.unit_ids[number - 1]) if self._address.unit_ids else "",
                    "number": str(number),
                    "total": str(total),
                },
            )
        search, self._search = self._search, None
        try:
            self._found = search.result()
        except ProbeError as err:
            self._errors = {self._field_at_fault(err.problem): err.problem.value}
            self._placeholders = {"unit_ids": join_unit_ids(err.unit_ids)}
            return self.async_show_progress_done(next_step_id=self._form_step)
        return self.async_show_progress_done(next_step_id="found")

    def _field_at_fault(self, problem: Problem) -> str:
        """Name the field of this form to look at."""
        field = FIELD_AT_FAULT.get(problem, "base")
        if field == CONF_HOST and self._link is LinkKind.SERIAL:
            return CONF_SERIAL_PORT
        return field if field != SECTION_ADVANCED or isinstance(self._vendor, ModbusVendor) else "base"

    @callback
    def _show_progress(self, asked: int, total: int) -> None:
        """Move the bar, and have the text fetched anew."""
        self._asked = (asked, total)
        self.async_update_progress(asked / total)
        # The end is told by Home Assistant itself: told twice, it is fetched twice, the second time in vain.
        if asked < total:
            self.async_notify_flow_changed()

    async def async_step_found(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what was found; a plant that is set up already only has its address changed."""
        plant = self._found.plant
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            if plant.serial != entry.unique_id:
                self._errors = {self._field_at_fault(Problem.NOT_THIS_VENDOR): "wrong_plant"}
                self._placeholders = {"serial": str(plant.serial), "expected": str(entry.unique_id)}
                return self._show_form()
            found = entry_data(self._address, self._found)
            data = with_silent_devices(found, entry.data, self._entered)
            if entry.update_listeners:  # these set it up anew
                return self.async_update_and_abort(entry, data_updates=data)
            return self.async_update_reload_and_abort(entry, data_updates=data)
        await self.async_set_unique_id(plant.serial, raise_on_progress=False)
        if isinstance(self._vendor, StreamVendor):
            # Its one address has changed: a new lease, or another stick.
            self._abort_if_unique_id_configured(updates=self._address.link.data())
        self._abort_if_unique_id_configured()
        return self.async_show_menu(
            step_id="found" if isinstance(self._vendor, ModbusVendor) else "found_stream",
            menu_options=["create_in_shadow", "create", "change"],
            description_placeholders=found_placeholders(self._address, self._found),
        )

    async_step_found_stream = async_step_found
    """The same of a plant without unit ids, in its own words."""

    async def async_step_change(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go back to the form: that was not the plant, or not all of it."""
        return self._show_form(unit_ids_shown=True)

    async def async_step_create_in_shadow(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the plant, and have it watched what we would do with it."""
        return self._create(ControlState.SHADOW)

    async def async_step_create(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Add the plant, only to be read."""
        return self._create(ControlState.OFF)

    def _create(self, control: ControlState) -> ConfigFlowResult:
        return self.async_create_entry(
            title=plant_title(self._vendor, self._found.plant),
            data=entry_data(self._address, self._found),
            options={CONF_FIRST_CONTROL: control, **self._address.options},
        )


def _unit_ids(vendor: AnyVendor) -> dict[str, str]:
    """Say which unit ids plants of this vendor have; empty where they have none."""
    if not isinstance(vendor, ModbusVendor):
        return {}
    return {
        "plant_unit_id": str(vendor.plant_unit_id),
        "scanned": join_unit_ids(vendor.scanned_unit_ids),
    }


type _Step = Callable[[EnergyStorageConfigFlow, dict[str, Any] | None], Awaitable[ConfigFlowResult]]


def _vendor_step(key: str) -> _Step:
    """Make the step that the menu of vendors leads to."""

    async def step(
        flow: EnergyStorageConfigFlow, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await flow.async_step_vendor(vendor_by_key(key))

    return step


def _way_step(key: str, kind: LinkKind) -> _Step:
    """Make the step that asks for an address."""

    async def step(
        flow: EnergyStorageConfigFlow, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await flow.async_step_way(vendor_by_key(key), kind, user_input)

    return step


# A menu option leads to the step of its name, and a form to the one that it names.
for _each in VENDORS:
    setattr(EnergyStorageConfigFlow, f"async_step_{_each.key}", _vendor_step(_each.key))
    for _kind in links_of(_each):
        _form = form_of(_each, _kind)
        setattr(EnergyStorageConfigFlow, f"async_step_{_form}", _way_step(_each.key, _kind))
        setattr(
            EnergyStorageConfigFlow,
            f"async_step_reconfigure_{_form}",
            EnergyStorageConfigFlow.async_step_reconfigure,
        )
