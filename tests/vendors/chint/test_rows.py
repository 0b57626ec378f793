"""A row becomes a field that decodes as the facts say, and tables keep to the borders of their blocks."""

from dataclasses import replace

import pytest

from custom_components.energy_storage.engine.plant import Value
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.profile import (
    FAMILY_SENTINELS,
    WORDS,
    Evidence,
    Profile,
    Row,
)
from custom_components.energy_storage.vendors.chint.rows import (
    field_of,
    identity_table,
    minutes_of,
    table_of,
    tables_of,
)
from custom_components.energy_storage.vendors.driver import Tier
from custom_components.energy_storage.vendors.fields import fields_of


def row(kind: str, count: int | None = None, **more: object) -> Row:
    """Make a row as the loader does."""
    base = Row(
        name="thing",
        address=0x600,
        space="holding",
        type=kind,
        count=count or WORDS[kind],
        group="g",
        evidence=Evidence.DOCUMENTED,
        sentinels=FAMILY_SENTINELS.get(kind, frozenset()),
    )
    return replace(base, **more)  # type: ignore[arg-type]  # names and types are those of Row


@pytest.mark.parametrize(
    ("made", "words", "value"),
    [
        (row("uint16", scale=0.1, unit="V"), [5120], 512.0),
        (row("int16", scale=0.1, unit="A"), [0xFFCE], -5.0),
        (row("int32", unit="W"), [0xFFFF, 0xFE0C], -500),
        (row("int32", unit="W", order="little"), [0xFE0C, 0xFFFF], -500),
        (row("int32", unit="W", sign=-1), [0xFFFF, 0xFE0C], 500),
        (row("uint32", unit="kWh", scale=0.01), [0x0001, 0x0000], 655.36),
        (row("uint64"), [0, 0, 0, 7], 7),
        (row("bits"), [0x8001], 0x8001),
        (row("version"), [0x0019], "00.19"),
        (row("time"), [0x173B], "23:59"),
        (row("time"), [0x0000], "00:00"),
        (row("bcd", 4), [0x1109, 0x0801, 0x2401, 0x0001], "1109080124010001"),
        (row("string", 4), [0x4543, 0x4838, 0x4B00, 0x5858], "ECH8K"),
        (row("uint16", options={0: "off", 1: "on"}), [1], "on"),
        (row("uint16", options={0: "off", 1: "on"}), [9], "unknown_9"),
        (row("uint16", options={0x8000: "fault"}), [0x8000], "fault"),
    ],
    ids=str,
)
def test_words_are_decoded(made: Row, words: list[int], value: Value) -> None:
    """Golden values of the fact file."""
    assert field_of(made).decode(words) == value


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (row("uint16", unit="V"), [0xFFFF]),
        (row("int16", unit="A"), [0x8000]),
        (row("uint32", unit="kWh"), [0xFFFF, 0xFFFF]),
        (row("int32", unit="W"), [0x8000, 0x0000]),
        (row("bits"), [0xFFFF]),
        (row("version"), [0xFFFF]),
        (row("time"), [0x1800]),
        (row("time"), [0x013C]),
        (row("bcd", 4), [0x1109, 0x0801, 0x24A1, 0x0001]),
        (row("bcd", 4), [0, 0, 0, 0]),
        (row("string", 2), [0, 0]),
        (row("uint16", unit="%", low=0, high=100), [101]),
        (row("int32", unit="W", low=-32768, high=32767), [0x01F4, 0x0000]),
        (row("uint16", sentinels=frozenset({0})), [0]),
    ],
    ids=str,
)
def test_what_is_not_there_is_unknown(made: Row, words: list[int]) -> None:
    """Sentinels, and what cannot be true: never 0."""
    assert field_of(made).decode(words) is None


def test_a_row_may_have_no_sentinel() -> None:
    """Then every word is a value."""
    assert field_of(row("uint16", sentinels=frozenset())).decode([0xFFFF]) == 0xFFFF


@pytest.mark.parametrize(
    ("made", "value", "words"),
    [
        (row("time", writable=True), "23:59", [0x173B]),
        (row("uint16", unit="W", scale=100, writable=True, low=0, high=10_000), 2500, [25]),
        (row("int16", unit="W", sign=-1, writable=True, low=-500, high=0), -500, [500]),
        (row("int32", unit="W", order="little", writable=True, low=-500, high=500), -500, [0xFE0C, 0xFFFF]),
    ],
    ids=str,
)
def test_values_are_encoded(made: Row, value: float | str, words: list[int]) -> None:
    """As they are decoded."""
    field = field_of(made)
    assert field.encode(value) == words
    assert field.decode(words) == value


@pytest.mark.parametrize("bad", ["24:00", "12:60", "7:30", "noon", "", 730, None])
def test_what_is_no_time_of_day_is_refused(bad: object) -> None:
    """It never becomes another time."""
    assert minutes_of(bad) is None
    with pytest.raises(ValueError, match="time of day"):
        field_of(row("time", writable=True)).encode(bad)


def groups(profile: Profile) -> tuple[tuple[str, ...], ...]:
    """Give none of the assumed groups, and all of them."""
    return (), profile.assumed_groups


@pytest.mark.parametrize("profile", shipped().values(), ids=shipped())
def test_tables_keep_to_their_block(profile: Profile) -> None:
    """No table reaches over a border, none asks for more than the profile says, every row is in one."""
    for enabled in groups(profile):
        found: list[str] = []
        for _, table in tables_of(profile, enabled):
            fields = fields_of(table)
            rows = [profile.rows[name] for name in fields]
            assert any(all(span.holds(row) for row in rows) for span in profile.spans)
            assert {row.tier for row in rows} == {table.tier}
            assert table.max_span == profile.most_registers <= 60
            found += fields
        assert len(found) == len(set(found))
        known = {name for name, row in profile.rows.items() if row.evidence is not Evidence.ASSUMED}
        assert set(found) == (set(profile.rows) if enabled else known)


@pytest.mark.parametrize("name", ["ech_s", "ech_th"])
def test_a_guess_is_not_read_before_it_is_switched_on(name: str) -> None:
    """And then by its group alone."""
    profile = shipped()[name]

    def read(*enabled: str) -> set[str]:
        return {field for _, table in tables_of(profile, enabled) for field in fields_of(table)}

    assert "pcs_run_state" not in read()
    assert "pcs_run_state" in read("inverter")
    assert "batt_soh" not in read("inverter")


def test_guesses_are_doubted_first() -> None:
    """When a block is refused, what nobody has seen is left out before what somebody has."""
    profile = shipped()["ech_th"]
    fields = {n: f for _, t in tables_of(profile, ["battery"]) for n, f in fields_of(t).items()}
    assert fields["batt_soh"].doubtful
    assert not fields["batt_soc"].doubtful


def test_who_it_is_is_asked_although_it_is_a_guess() -> None:
    """Otherwise nobody could tell one plant from another."""
    table = identity_table(shipped()["ech_th"])
    assert table is not None
    assert list(fields_of(table)) == ["device_type", "serial_number", "model_name"]


def test_a_table_is_a_declared_one() -> None:
    """Space, tier and limits as the profile has them."""
    profile = shipped()["sce"]
    span = next(span for span in profile.spans if span.name == "Battery")
    table = table_of(profile, span, [profile.rows["batt_soc"], profile.rows["batt_power"]])
    assert (table.register_space, table.tier, table.max_gap) == ("holding", Tier.FAST, 16)
    assert [field.address for field in fields_of(table).values()] == [0x2000, 0x2009]
