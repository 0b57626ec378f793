"""The declared registers against the maker's table as transcribed in protocol.csv."""

from collections.abc import Iterator
import csv
from pathlib import Path

from modbus_connection.mock import MockModbusConnection
import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.fields import Field, Table, fields_of
from custom_components.energy_storage.vendors.sigen.registers import TABLES
from custom_components.energy_storage.vendors.sigen.registers.plant import EmsControl, PlantMore, PlantNow
from custom_components.energy_storage.vendors.sigen.version import PROBES, Version
from script.register_docs import PAGE, page

AREAS = {
    "plant": DeviceKind.PLANT,
    "hybrid": DeviceKind.INVERTER,
    "ac-charger": DeviceKind.AC_CHARGER,
    "dc-charger": DeviceKind.DC_CHARGER,
}
# The maker's unit: ours, and how many of ours one of it is.
UNITS = {
    "kW": ("W", 1000),
    "kvar": ("var", 1000),
    "kVA": ("VA", 1000),
    "degC": ("°C", 1),
    "Mohm": ("kΩ", 1000),
}
# The earliest version that a probe tells apart from its predecessor.
SINCE = {
    "<=V1.7": 0,
    "V1.6": 0,
    "V1.8": 0,
    "V2.0": Version.V2_4,
    "V2.1": Version.V2_4,
    "V2.2": Version.V2_4,
    **{f"V2.{n}": Version(20 + n) for n in range(5, 10)},
}
type Row = dict[str, str]
type Place = tuple[DeviceKind, int]


def rows() -> dict[Place, Row]:
    """Give the current rows of the maker's table that this driver is about."""
    with (Path(__file__).parent / "protocol.csv").open(encoding="utf-8", newline="") as file:
        return {
            (AREAS[row["function"].split()[0]], int(row["address"])): row
            for row in csv.DictReader(file)
            if row["status"] == "current" and row["function"].split()[0] in AREAS
        }


def declared() -> Iterator[tuple[Place, type[Table], str, Field]]:
    """Give every declared register."""
    for kind, tables in TABLES.items():
        for table in tables:
            for name, field in fields_of(table).items():
                yield (kind, field.address), table, name, field


def test_every_current_register_is_declared_once() -> None:
    """Nothing of the maker's table is missing, nothing is there twice, nothing is invented."""
    places = [place for place, *_ in declared()]
    assert len(places) == len(set(places))
    assert set(places) == set(rows())


def test_addresses_have_the_maker_s_names() -> None:
    """A register is called as in the transcription, so that logs and facts agree."""
    table = rows()
    assert {place: name for place, _, name, _ in declared()} == {p: row["name"] for p, row in table.items()}


def test_types_and_lengths_are_the_maker_s() -> None:
    """Each register is as long, and signed or not, as the maker says."""
    table = rows()
    for place, _, name, field in declared():
        row = table[place]
        kind = "bits" if row["unit"] == "bits" else row["data_type"].lower().replace("bit16", "bits")
        assert (name, field.kind, field.count) == (name, kind, int(row["count"]))


def test_one_raw_step_is_worth_what_the_maker_says() -> None:
    """Scale times unit is the maker's gain in the maker's unit."""
    table = rows()
    for place, _, name, field in declared():
        row = table[place]
        unit, factor = UNITS.get(row["unit"], (row["unit"] if row["unit"] != "bits" else "", 1))
        scale = factor / float(row["gain"] or 1)
        assert (name, field.unit or "") == (name, unit)
        assert field.scale == pytest.approx(scale), name


def test_access_is_the_maker_s() -> None:
    """What may be written carries a validator; what may only be written is never read."""
    table = rows()
    for place, owner, name, field in declared():
        access = "WO" if owner.write_only else "RW" if field.writable else "RO"
        assert (name, access) == (name, table[place]["access"])


def test_registers_are_asked_from_the_version_that_has_them() -> None:
    """A register is never asked for on an older version."""
    table = rows()
    for place, _, name, field in declared():
        assert (name, field.since) == (name, SINCE[table[place]["version_added"]])


def test_read_only_registers_are_input_registers() -> None:
    """3xxxx is read with function 4, 4xxxx and 5xxxx with function 3."""
    for (_, address), table, name, _ in declared():
        assert (name, table.register_space) == (name, "input" if address < 40_000 else "holding")


@pytest.mark.parametrize("tables", TABLES.values(), ids=TABLES)
async def test_a_table_is_one_request(tables: tuple[type[Table], ...]) -> None:
    """Each table is read at once, within the device's longest request."""
    unit = MockModbusConnection().for_unit(1)
    for table in tables:
        unit.read_events.clear()
        await table(unit).async_update()
        requests = [event.count <= 124 for event in unit.read_events]
        assert requests == [True] or table.write_only


def test_probes_ask_for_whole_registers_of_their_version() -> None:
    """A probe ends on the borders of registers that its version brought, and no older one had."""
    table = rows()
    for version, (address, count) in PROBES.items():
        row = table[DeviceKind.PLANT, address]
        assert (int(row["count"]), SINCE[row["version_added"]]) == (count, version)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ess_max_charge_limit", [0xFFFF, 0xFFFF]),
        ("ess_max_discharge_limit", [0xFFFF, 0xFFFF]),
        ("pcs_export_limit", [0xFFFF, 0xFFFF]),
        ("pcs_import_limit", [0xFFFF, 0xFFFF]),
        ("ess_backup_soc", [1001]),
    ],
)
def test_a_setting_that_was_never_made_is_unknown(name: str, words: list[int]) -> None:
    """The device shows all bits set, which is no 4294967 kW."""
    assert fields_of(EmsControl)[name].decode(words) is None


def test_an_alarm_word_without_data_is_unknown() -> None:
    """All sixteen bits at once are no sixteen alarms."""
    assert fields_of(PlantNow)["plant_alarm_1"].decode([0xFFFF]) is None
    assert fields_of(PlantNow)["plant_alarm_1"].decode([0x0003]) == 3


def test_a_number_that_nobody_has_described_is_not_lost() -> None:
    """Work mode 4 was never documented; all bits set is no mode at all."""
    mode = fields_of(PlantNow)["ems_work_mode"]
    assert mode.decode([4]) == "unknown_4"
    assert mode.decode([0xFFFF]) is None
    assert fields_of(PlantNow)["ems_work_mode"].decode([7]) == "remote_ems"


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("grid_phase_a_reactive_power", [0xFFFF, 0xFF2F], -209),
        ("ess_soc", [500], 50.0),
        ("grid_active_power", [0xFFFF, 0xFA24], -1500),
    ],
)
def test_golden_values(name: str, words: list[int], value: float) -> None:
    """Words of the golden frames decode to what the fact file says."""
    assert fields_of(PlantNow)[name].decode(words) == value


def test_a_setting_refuses_a_value_outside_its_range() -> None:
    """A bad value raises; it never wraps round."""
    field = fields_of(EmsControl)["ess_backup_soc"]
    assert callable(field.writable)
    assert field.writable(50.0) == 50.0
    with pytest.raises(ValueError, match=r"100\.1 is not in"):
        field.writable(100.1)
    charge = fields_of(EmsControl)["ess_max_charge_limit"]
    assert callable(charge.writable)
    with pytest.raises(ValueError, match="-1 is not in"):
        charge.writable(-1)


def test_known_gaps_are_marked() -> None:
    """What some builds refuse is left out first when a request is refused."""
    doubtful = {place[1] for place, _, _, field in declared() if field.doubtful}
    assert doubtful == {30281, 30622, 30623}


def test_all_choices_have_codes() -> None:
    """Every register with a list of values in the maker's table decodes to codes."""
    table = rows()
    for place, _, name, field in declared():
        if table[place]["enum_or_bits"] and field.kind == "u16":
            assert field.options, name


def test_the_fast_block_spans_the_reserved_days() -> None:
    """V2.8 lists 30272 to 30275 as reserved, so one request runs across them."""
    assert not {30272, 30274} & {field.address for field in fields_of(PlantMore).values()}


def test_the_register_page_is_fresh() -> None:
    """`python -m script.register_docs` has been run since the tables changed."""
    assert PAGE.read_text(encoding="utf-8") == page()
