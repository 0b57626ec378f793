"""Plants for flows to find: what a vendor's discovery says, without a wire."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTcpParams, ModbusUnit

from custom_components.energy_storage import config_flow, probe, vendors
from custom_components.energy_storage.engine.plant import DeviceKind, Identity
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    Discovery,
    DriverError,
    FoundDevice,
    Progress,
    Search,
    Units,
)
from custom_components.energy_storage.vendors.sigen import VENDOR as SIGEN

SERIAL = "110A22330044"
FIRMWARE = "V100R001C22SPC113B064H"
MODEL = "SigenStor EC 12.0 TP"

INVERTER = Identity(serial=SERIAL, model=MODEL, firmware=FIRMWARE)
PLANT = Discovery(
    plant=INVERTER,
    devices=(
        FoundDevice(unit_id=1, kind=DeviceKind.INVERTER, identity=INVERTER),
        FoundDevice(unit_id=3, kind=DeviceKind.INVERTER, identity=replace(INVERTER, serial="110A22330055")),
        FoundDevice(unit_id=2, kind=DeviceKind.AC_CHARGER, identity=Identity()),
    ),
)
OTHER_PLANT = replace(PLANT, plant=replace(INVERTER, serial="999B00000001"))


@dataclass(slots=True, kw_only=True)
class Answer:
    """What discovery finds from now on, and what it was asked."""

    by_host: dict[str, Discovery | DriverError] = field(default_factory=dict[str, Discovery | DriverError])
    default: Discovery | DriverError = PLANT
    hosts: list[str] = field(default_factory=list[str])
    asked: list[tuple[int, tuple[int, ...]]] = field(default_factory=list[tuple[int, tuple[int, ...]]])
    hold_at: int | None = None
    """Set `held` when so many unit ids were asked, then wait for `go_on`."""
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def discover(self, units: Units, search: Search, progress: Progress) -> Discovery:
        """Answer as a vendor's discovery does."""
        unit_ids = search.unit_ids
        self.asked.append((search.plant_unit_id, unit_ids))
        host = self.hosts[-1]
        units(search.plant_unit_id)
        for number in range(len(unit_ids)):
            if number == self.hold_at:
                self.held.set()
                await self.go_on.wait()
            units(unit_ids[number])
            progress(number + 1, len(unit_ids))
        answer = self.by_host.get(host, self.default)
        if isinstance(answer, DriverError):
            raise answer
        return answer


@contextmanager
def answering() -> Iterator[Answer]:
    """Replace the discovery of the real vendor."""
    answer = Answer()

    def get_temporary_unit(
        hass: HomeAssistant, params: ModbusTcpParams, unit_id: int
    ) -> AbstractAsyncContextManager[ModbusUnit]:
        if not answer.hosts or answer.hosts[-1] != params.host:
            answer.hosts.append(params.host)
        return async_get_temporary_unit(hass, params, unit_id)

    fakes = (replace(SIGEN, discover=answer.discover), *(each for each in VENDORS if each is not SIGEN))
    with ExitStack() as patches:
        for module in (vendors, config_flow):
            patches.enter_context(patch.object(module, "VENDORS", fakes))
        patches.enter_context(patch.object(probe, "async_get_temporary_unit", get_temporary_unit))
        yield answer
