"""What is fitted to a plant, and which registers mean anything for that."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
import re

from ...engine.plant import Value

_STRING = re.compile(r"pv(\d\d)_")
_ABSENT_PHASES: Mapping[int | None, tuple[str, ...]] = {
    1: ("line_voltage_", "phase_b_", "phase_c_"),
    2: ("line_voltage_bc", "line_voltage_ca", "phase_c_"),
}
"""How the registers begin that an inverter with so few phases does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an inverter says is fitted to it; None until it has said so."""

    output_type: str | None = None
    pack_count: int | None = None
    pv_string_count: int | None = None
    dc_charger: bool = False

    def has(self, name: str) -> bool:
        """Tell whether a register of the inverter can mean something."""
        if string := _STRING.match(name):
            return int(string[1]) <= (self.pv_string_count or 0)
        if name.startswith(_ABSENT_PHASES.get(phases_of(self.output_type), ())):
            return False
        return self.pack_count != 0 or not is_of_battery(name)


def plant_has(name: str, inverters: Collection[Facts]) -> bool:
    """Tell whether a register of the plant can mean something, given its inverters."""
    phases = {phases_of(facts.output_type) for facts in inverters}
    if phases == {1} and ("_phase_b_" in name or "_phase_c_" in name):
        return False
    if phases == {2} and "_phase_c_" in name:
        return False
    return not is_of_battery(name) or any(facts.pack_count != 0 for facts in inverters)


def phases_of(output_type: str | None) -> int | None:
    """Give the number of phases, None while unknown."""
    return {"l_n": 1, "l1_l2_n": 2, "l1_l2_l3": 3, "l1_l2_l3_n": 3}.get(output_type or "")


def is_of_battery(name: str) -> bool:
    """Tell whether a register is about the battery."""
    return name.startswith(("ess_", "rated_battery", "stat2_ess_"))


def shows_dc_charger(values: dict[str, Value]) -> bool:
    """Tell whether these readings come from a DC charger: without one they may read 0 throughout."""
    idle = (None, 0, "idle")
    return any(value not in idle for value in values.values())
