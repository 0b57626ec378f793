"""The devices of a Sigen plant: how each is asked, who it says it is, what is fitted to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...engine.plant import Device, DeviceKind, Identity
from ..driver import LinkSetup, Units
from ..line import Clock, Line
from ..modbus import Block
from .facts import Facts, phases_of

PLANT = "plant"
_FITTINGS = ("output_type", "pack_count", "pv_string_count")


class Fleet:
    """The plant, the devices that its owner named, and DC chargers that have shown themselves."""

    def __init__(
        self, units: Units, setup: LinkSetup, *, clock: Clock, timeout_s: float, charger_timeout_s: float
    ) -> None:
        """Begin with nothing but the unit ids that the owner named."""

        def line(unit_id: int, seconds: float) -> Line:
            spacing_s = setup.request_spacing_s
            behind = unit_id != setup.plant_unit_id
            unit = units(unit_id)
            return Line(unit, timeout_s=seconds, spacing_s=spacing_s, clock=clock, behind=behind)

        self.plant_id = setup.plant_unit_id
        self.plant_line = line(setup.plant_unit_id, timeout_s)
        self.inverter_ids = tuple(sorted(setup.inverter_unit_ids))
        self.inverter_lines = {unit_id: line(unit_id, timeout_s) for unit_id in self.inverter_ids}
        self.charger_lines = {
            unit_id: line(unit_id, charger_timeout_s) for unit_id in sorted(setup.ac_charger_unit_ids)
        }
        self.facts = {f"inverter_{unit_id}": Facts() for unit_id in self.inverter_ids}
        self.identities: dict[int, Identity] = {}
        self.plant_answers = False
        """Whether the last fast reading succeeded."""

    @property
    def requests(self) -> int:
        """How many requests were made."""
        lines = (self.plant_line, *self.inverter_lines.values(), *self.charger_lines.values())
        return sum(line.requests for line in lines)

    @property
    def identity(self) -> Identity:
        """Who the plant is: its lowest-numbered inverter."""
        return self.identities.get(self.inverter_ids[0], Identity())

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant, and what has answered or was named by the owner."""
        serial = self._serial(self.inverter_ids[0])
        plant = Device(
            key=PLANT,
            uid=serial,
            kind=DeviceKind.PLANT,
            unit_id=self.plant_id,
            identity=self.identity,
        )
        inverters = (
            Device(
                key=f"inverter_{unit_id}",
                uid=f"{self._serial(unit_id)}_inverter",
                kind=DeviceKind.INVERTER,
                unit_id=unit_id,
                identity=self.identities[unit_id],
                parent=PLANT,
            )
            for unit_id in self.inverter_ids
            if unit_id in self.identities
        )
        ac_chargers = (
            Device(
                key=f"ac_charger_{unit_id}",
                uid=f"{serial}_ac_charger_{unit_id}",
                kind=DeviceKind.AC_CHARGER,
                unit_id=unit_id,
                identity=Identity(),
                parent=PLANT,
            )
            for unit_id in self.charger_lines
        )
        dc_chargers = (
            Device(
                key=f"dc_charger_{unit_id}",
                uid=f"{self._serial(unit_id)}_dc_charger",
                kind=DeviceKind.DC_CHARGER,
                unit_id=unit_id,
                identity=Identity(),
                parent=f"inverter_{unit_id}",
            )
            for unit_id in self.inverter_ids
            if self.facts[f"inverter_{unit_id}"].dc_charger
        )
        return (plant, *inverters, *ac_chargers, *dc_chargers)

    @property
    def phases(self) -> int | None:
        """How many phases the plant has; None while unknown."""
        return max((p for facts in self.facts.values() if (p := phases_of(facts.output_type))), default=None)

    @property
    def has_battery(self) -> bool:
        """Whether a battery is fitted, or may be."""
        return any(facts.pack_count != 0 for facts in self.facts.values())

    def answers(self, device: str) -> bool:
        """Tell whether a device answered when it was last asked."""
        return self.plant_answers if device == PLANT else self.line(device).answered is True

    def reachable(self) -> dict[str, bool]:
        """Give for each device that was asked whether it answered."""
        asked = (device.key for device in self.devices if self.line(device.key).answered is not None)
        return {key: self.answers(key) for key in asked}

    def line(self, device: str) -> Line:
        """Give the line to a device."""
        if device == PLANT:
            return self.plant_line
        lines = self.charger_lines if device.startswith("ac_charger_") else self.inverter_lines
        return lines[unit_id_of(device)]

    def has_dc_charger(self, device: str) -> bool:
        """Tell whether a DC charger has shown itself on this device's unit id."""
        return self.facts[f"inverter_{unit_id_of(device)}"].dc_charger

    def show_dc_charger(self, device: str) -> None:
        """Note that a DC charger is there."""
        key = f"inverter_{unit_id_of(device)}"
        self.facts[key] = replace(self.facts[key], dc_charger=True)

    def learn_fittings(self, block: Block) -> None:
        """Note what an inverter says is fitted; 0 strings or no output is not believed."""
        values: Mapping[str, Any] = block.values
        known = {name: values[name] for name in _FITTINGS if values.get(name)}
        if values.get("pack_count") == 0:
            known["pack_count"] = 0
        self.facts[block.device] = replace(self.facts[block.device], **known)

    def meet(self, block: Block) -> None:
        """Note who an inverter says it is; what it leaves blank stays as it was."""
        unit_id = unit_id_of(block.device)
        before = self.identities.get(unit_id, Identity())
        self.identities[unit_id] = Identity(
            serial=_text(block, "serial_number") or before.serial,
            model=_text(block, "model") or before.model,
            firmware=_text(block, "firmware_version") or before.firmware,
        )

    def _serial(self, unit_id: int) -> str:
        """Give what stands for an inverter in unique ids; one that hides its serial has its unit id."""
        who = self.identities.get(unit_id)
        return (who and who.serial) or f"unnamed_{unit_id}"


def unit_id_of(device: str) -> int:
    """Give the unit id in the key of a device other than the plant."""
    return int(device.rpartition("_")[2])


def _text(block: Block, name: str) -> str | None:
    value = block.values.get(name)
    return value if isinstance(value, str) else None
