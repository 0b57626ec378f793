"""What can go wrong inside a simulated Sigen plant, besides what can go wrong on the wire."""

from collections.abc import Mapping

from .faults import WIRE_FAULTS, FaultKind, Faults
from .register_map import Row

SIGEN_FAULTS: Mapping[str, FaultKind] = {
    **WIRE_FAULTS,
    "charger_silent": FaultKind("the AC chargers do not answer"),
    "charger_stalls": FaultKind("a request to an AC charger stalls the whole server for VALUE seconds", 8),
    "charger_refuses": FaultKind("the AC chargers refuse start and stop with exception 2"),
    "counters_zero": FaultKind("every energy counter reads 0 for VALUE seconds", 5, ends=True),
    "frozen_clock": FaultKind("answers go on, with the values and the clock of the moment it began"),
    "nonsense_values": FaultKind("SOC 6553.5 %, alarms 0xFFFF, a power factor of 32 and more of the kind"),
    "negative_pv": FaultKind("PV that is 0 reads a little below"),
    "id_clash": FaultKind(
        "the first AC charger has the first inverter's id: both register spaces answer, with VALUE 1 only"
        " the charger's"
    ),
    "vpp": FaultKind(
        "a power plant operator takes remote EMS, discharging at VALUE kW, and gives it back", 2
    ),
    "ignored_writes": FaultKind(
        "writes to the register with address VALUE (0: all of them) are answered and not executed"
    ),
    "refused_address": FaultKind("writes to the register with address VALUE are refused"),
    "mode_only_in_remote": FaultKind("the control mode is refused while remote EMS is off"),
    "app_changes_limit": FaultKind("the owner sets the discharge cut-off to VALUE % in the app", 12),
}

NONSENSE: Mapping[str, int] = {
    "ess_soc": 0xFFFF,
    "ess_soh": 0xFFFF,
    "power_factor": 0x7D00,
    "ess_average_cell_temperature": 0x7FFF,
    "ess_average_cell_voltage": 0xFFFF,
    "ess_charge_cutoff_soc_readback": 0xFFFF,
    "ess_discharge_cutoff_soc_readback": 0xFFFF,
    "grid_active_power": 0x7FFFFFFF,
    "ess_power": 0x80000000,
    "pv_power": 0x7FFFFFFF,
    "plant_running_state": 0xFFFF,
    "ems_work_mode": 0xFFFF,
    "grid_connection_state": 0xFFFF,
}
"""Name → the raw number it shows while the values make no sense; alarm words are 0xFFFF."""


def spoil(faults: Faults, row: Row, words: tuple[int, ...]) -> tuple[int, ...]:
    """Change what a register shows, as the faults say."""
    if "counters_zero" in faults and row.name.endswith(("_energy_total", "_energy_today")):
        return (0,) * row.count
    if "nonsense_values" in faults:
        raw = 0xFFFF if "alarm" in row.name else NONSENSE.get(row.name)
        if raw is not None:
            return (raw,) if row.count == 1 else (raw >> 16, raw & 0xFFFF)
    if "negative_pv" in faults and not any(words):
        if row.name == "pv_power":
            return row.encode(-0.012)
        if row.name.startswith("pv") and row.name.endswith("_current"):
            return row.encode(-0.02)
    return words
