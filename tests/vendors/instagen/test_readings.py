"""The table of readings against the message table: same unit, same scale, nothing left out."""

import csv
from pathlib import Path
from typing import Any

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import PointRole
from custom_components.energy_storage.vendors.instagen import storage_pb2
from custom_components.energy_storage.vendors.instagen.live_data import (
    Grid,
    GridPhase,
    LiveData,
    Load,
    LoadPhase,
    PvInput,
)
from custom_components.energy_storage.vendors.instagen.readings import (
    BY_KEY,
    INVERTER_STATE,
    ROWS,
    Row,
    address_of,
    find,
)
from custom_components.energy_storage.vendors.instagen.settle import Settled
from script.register_docs import MESSAGES_PAGE, messages_page

with (Path(__file__).parent / "messages.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {(row["message"], row["name"]): row for row in csv.DictReader(file)}
UNITS = {"degC": "°C", "kOhm": "kΩ", "": None}
PARTS_WITHOUT_READINGS = {
    "EsSelfTest",  # a test of the grid protection, run by an installer
    "EsSmartLoad",  # dropped by newer firmware, and its meaning with it
    "EsCharger",  # units are not published
    "EsMid",  # an external box that this kind of plant does not have
    "EsPack",  # units are not published
}
MEMBERS_WITHOUT_READINGS = {
    "inverter_serial",
    "unix_time",
    "tz_offset",
    "page_count",
    "page",
    "phase",
    "input_index",
    "line",  # unknown
    "soc",  # of the flows: the battery says it
    "state",  # of a load as a whole: unknown
}


def member_of(row: Row) -> Any:
    """Follow a path through storage.proto, which has been compared with the table."""
    message = storage_pb2.EsRegistryResponse if row.of_registry else storage_pb2.EsDataResponse
    descriptor: Any = message.DESCRIPTOR
    names = [name for name in row.path.split(".") if name != "*" and not name.isdigit()]
    for name in names[:-1]:
        descriptor = descriptor.fields_by_name[name].message_type
    return descriptor.fields_by_name[names[-1]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{row.key}")
def test_unit_and_scale_are_those_of_the_table(row: Row) -> None:
    """The table marks some as unsure; then they are settled at run time."""
    member = member_of(row)
    known = TABLE[member.containing_type.name, member.name]
    unsure = known["scale"].endswith("?")
    assert (row.doubt is not None) >= unsure
    assert UNITS.get(known["unit"], known["unit"]) == row.unit
    if row.unit is not None or known["scale"] not in ("", "1"):
        assert abs(row.scale) == float(known["scale"].rstrip("?"))


def test_every_number_of_the_live_data_is_a_reading() -> None:
    """Except for those that are named above, with the reason."""
    read = {(member.containing_type.name, member.name) for member in map(member_of, ROWS)}
    for message, name in reachable(storage_pb2.EsDataResponse.DESCRIPTOR):
        assert (message, name) in read or name in MEMBERS_WITHOUT_READINGS, f"{message}.{name}"


def reachable(descriptor: Any) -> set[tuple[str, str]]:
    """Give every number in a message and its parts."""
    found: set[tuple[str, str]] = set()
    for field in descriptor.fields:
        if field.message_type is None:
            found.add((field.containing_type.name, field.name))
        elif field.message_type.name not in PARTS_WITHOUT_READINGS:
            found |= reachable(field.message_type)
    return found


def test_what_is_inferred_says_so() -> None:
    """On its entity: nobody has seen on a device that it is what it is taken for."""
    assert {row.key for row in ROWS if not row.point("device").confirmed} == {
        "battery_current",
        "battery_heatsink_temperature",
        "battery_state",
        "battery_to_grid_power",
        "battery_type",
        "ess_power",
        "inverter_heatsink_temperature",
        "inverter_state",
        "pcs_internal_temperature",
        "phase_a_power",
        "phase_b_power",
        "phase_c_power",
        "pv_heatsink_temperature",
        "registry_field_9",
    }
    powers = [row for row in ROWS if row.key == "phase_a_power" and not row.point("device").confirmed]
    assert [row.kind for row in powers] == [DeviceKind.METER]


def test_keys_are_unique_on_a_device() -> None:
    """Two readings of one name would be one."""
    assert len(BY_KEY) == len(ROWS)


def test_only_counters_of_today_are_totals() -> None:
    """All energies of the live data begin anew each day."""
    assert {row.key for row in ROWS if row.total} >= {"grid_import_energy_today", "energy_today"}
    assert all(("today" in row.key) is (row.unit == "kWh") for row in ROWS)
    assert all(row.total or row.role is PointRole.REGISTER for row in ROWS if row.unit == "kWh")


def test_path_picks_by_the_number_that_a_part_gives_itself() -> None:
    """Not by its place; what is not there is unknown."""
    data = LiveData(pv_inputs=(PvInput(input_index=2, power=20), PvInput(input_index=1, power=10)))
    assert find(data, "pv_inputs.1.power") == 10
    assert find(data, "pv_inputs.2.power") == 20
    assert find(data, "pv_inputs.3.power") is None
    assert find(data, "battery.soc") is None
    assert find(None, "battery.soc") is None


def test_sum_over_phases_is_known_when_all_are() -> None:
    """A phase that does not say makes the sum unknown, not too low."""
    phases = (LoadPhase(phase=1, active_power=100), LoadPhase(phase=2, active_power=200))
    assert find(LiveData(load=Load(phases=phases)), "load.phases.*.active_power") == 300
    missing = LiveData(load=Load(phases=(*phases, LoadPhase(phase=3))))
    assert find(missing, "load.phases.*.active_power") is None
    assert find(LiveData(load=Load()), "load.phases.*.active_power") is None


def test_number_that_cannot_be_is_no_reading() -> None:
    """A battery level of 200 %, a phase of 6000 V."""
    settled = Settled({})
    assert BY_KEY[DeviceKind.BATTERY, "ess_soc"].value(200, settled) is None
    assert BY_KEY[DeviceKind.BATTERY, "ess_soc"].value(-1, settled) is None
    assert BY_KEY[DeviceKind.METER, "phase_a_voltage"].value(60_000, settled) is None
    assert BY_KEY[DeviceKind.METER, "phase_a_voltage"].value(2_329, settled) == 232.9


def test_code_that_nobody_has_described_is_shown_as_a_number() -> None:
    """Not hidden."""
    row = BY_KEY[DeviceKind.INVERTER, "inverter_state"]
    assert row.value(3, Settled({})) == "on_grid"
    assert row.value(42, Settled({})) == "unknown_42"
    assert len(INVERTER_STATE) == 7


def test_meter_power_has_our_sign() -> None:
    """As it comes, import is negative."""
    row = BY_KEY[DeviceKind.METER, "phase_a_power"]
    data = LiveData(grid=Grid(phases=(GridPhase(phase=1, active_power=-284),)))
    assert row.value(find(data, row.path), Settled({})) == 284


def test_page_of_the_docs_is_fresh() -> None:
    """`python -m script.register_docs` has been run since the table changed."""
    assert MESSAGES_PAGE.read_text(encoding="utf-8") == messages_page()


def test_address_is_made_of_the_numbers_along_the_path() -> None:
    """So that it can be found in the message table."""
    assert address_of(BY_KEY[DeviceKind.BATTERY, "ess_soc"]) == 904
    assert address_of(BY_KEY[DeviceKind.METER, "phase_a_power"]) == 10_02_04
    assert address_of(BY_KEY[DeviceKind.PLANT, "registry_field_9"]) == 9
