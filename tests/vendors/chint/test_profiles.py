"""Our profiles against the facts as transcribed in registers.csv."""

from collections.abc import Iterator, Mapping
import csv
from pathlib import Path

import pytest

from custom_components.energy_storage.engine.plant import AlarmLevel
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.profile import Evidence, Profile, Row
from custom_components.energy_storage.vendors.driver import PointRole, Tier
from script.chint_register_docs import PAGE, page

type Fact = dict[str, str]

PROFILES = tuple(shipped().values())
# Their unit: ours, and how many of ours one of it is.
UNITS: Mapping[str, tuple[str, float]] = {
    "kW": ("W", 1000),
    "kVA": ("VA", 1000),
    "kvar": ("var", 1000),
    "Wh": ("kWh", 0.001),
    "degC": ("°C", 1),
    "uF": ("µF", 1),
    "kohm": ("kΩ", 1),
    "kohm (unit not given)": ("kΩ", 1),
    "mA (unit not given)": ("mA", 1),
    "W (assumed)": ("W", 1),
    "% (SolarNetwork: 0.0001)": ("%", 1),
}
TYPES = {"bitfield16": "bits", "32-bit": "int32", "uint64 BCD": "bcd", "string20": "string"}
NOT_DECLARED = (
    "autotest",  # it changes grid protection, and opens the relay
    "tou_",  # records of a guessed layout
    "error_timestamp",  # nobody knows how it is encoded
    "battery value repeated",  # nobody knows which value it is
)


def facts(profile: Profile) -> Iterator[Fact]:
    """Give what is known of the registers of this profile."""
    family = (profile.key, "ech_any") if profile.key.startswith("ech") else (profile.key,)
    with (Path(__file__).parent / "registers.csv").open(encoding="utf-8", newline="") as file:
        for fact in csv.DictReader(file):
            if (
                fact["profile"] in family
                and fact["address_hex"]
                and fact["type"] != "block"
                and not fact["name"].startswith(NOT_DECLARED)
            ):
                yield fact


def place(fact: Fact) -> tuple[str, int, int]:
    """Say where a register is, and how long."""
    return fact["kind"], int(fact["address_hex"], 16), int(fact["count"])


def fact_of(profile: Profile, row: Row) -> Fact:
    """Give the best fact about a row: what says type and scale before what says the name alone."""
    known = [fact for fact in facts(profile) if place(fact) == (row.space, row.address, row.count)]
    return max(known, key=lambda fact: bool(fact["scale"]) + 2 * ("assumed" not in fact["confidence"]))


def pairs() -> Iterator[tuple[Profile, Row, Fact]]:
    """Give every row with the fact that it rests on."""
    for profile in PROFILES:
        for row in profile.rows.values():
            if profile.key == "ech_s" and row.name.startswith("abf_grid_") and row.name.endswith("_total"):
                fact = next(f for f in facts(profile) if place(f)[1] == row.address and f["scale"])
            else:
                fact = fact_of(profile, row)
            yield profile, row, fact


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: str(profile.key))
def test_every_known_register_is_declared(profile: Profile) -> None:
    """Nothing is missing, nothing is invented."""
    declared = {(row.space, row.address, row.count) for row in profile.rows.values()}
    assert declared == {place(fact) for fact in facts(profile)}


def test_rows_have_the_maker_s_names() -> None:
    """Under our own, so that logs and facts agree."""
    for profile, row, fact in pairs():
        assert (profile.key, row.maker or row.name) == (profile.key, fact["name"])


def test_types_are_those_of_the_facts() -> None:
    """How long a value is, whether signed, and how its words are to be read."""
    special = {"xx.yy": "version", "hh<<8|mm": "time"}
    for profile, row, fact in pairs():
        kind = fact["type"].split(" (")[0]
        wanted = special.get(fact["unit"]) or TYPES.get(kind, kind)
        assert (profile.key, row.name, row.type) == (profile.key, row.name, wanted)


def test_one_raw_step_is_worth_what_the_facts_say() -> None:
    """Scale times unit; alarm words, codes and texts have neither."""
    for profile, row, fact in pairs():
        if row.type not in ("uint16", "int16", "uint32", "int32", "uint64") or row.options:
            continue
        unit, factor = UNITS.get(fact["unit"], (fact["unit"], 1))
        assert (profile.key, row.name, row.unit or "") == (profile.key, row.name, unit)
        assert row.scale == pytest.approx(float(fact["scale"] or 1) * factor), row.name


def test_codes_are_those_of_the_facts() -> None:
    """Every number that the facts name is one of the row's, and no other."""
    for profile, row, fact in pairs():
        said = [part.split("=")[0].strip() for part in fact["enum"].split("|") if "=" in part]
        if row.options and said and not fact["enum"].startswith("same codes"):
            assert (profile.key, row.name, set(row.options)) == (
                profile.key,
                row.name,
                {int(number, 0) for number in said},
            )


def test_a_guess_is_called_a_guess() -> None:
    """Evidence is never better than the facts; what nobody has seen stays switched off."""
    for profile, row, fact in pairs():
        guessed = fact["block"].startswith("Z") or "derived from column order" in fact["note"]
        guessed |= "order; addresses assumed" in fact["sources"]
        assert (profile.key, row.name, row.evidence is Evidence.ASSUMED) == (profile.key, row.name, guessed)
        proven = "tested on one real" in fact["confidence"]
        assert row.evidence is not Evidence.PROVEN or proven


def test_what_may_be_written_has_a_public_source() -> None:
    """Of the writable registers of the facts, only those that a recipe of ours needs."""
    for profile, row, fact in pairs():
        steps = [*profile.commands.values(), *profile.requests.values()]
        needed = {step.row for recipe in steps for step in recipe}
        assert (row.name, row.writable) == (row.name, row.name in needed)
        assert not row.writable or (fact["access"], fact["kind"]) == ("RW", "holding")


def test_a_sign_that_nobody_has_seen_is_unknown() -> None:
    """The quoted document does not say which way the battery current counts."""
    unknown = {(p.key, row.name) for p in PROFILES for row in p.rows.values() if row.sign is None}
    assert unknown == {("ech_s", "batt_current")}


def test_two_maps_of_one_name_differ() -> None:
    """On the three-phase model 0x0709 is PV power; on the single-phase one it is half of an energy."""
    th, s = shipped()["ech_th"], shipped()["ech_s"]
    assert (th.rows["pv_power_low_word"].address, th.rows["pv_power_low_word"].means) == (0x709, "pv_power")
    energy = s.rows["abf_grid_export_energy_total"]
    assert (energy.address, energy.last, energy.unit) == (0x708, 0x709, "kWh")


def test_paces_are_those_of_the_facts() -> None:
    """Powers and SOC fast, energies each minute, settings each five."""
    fast = {"soc", "grid_power", "battery_power", "battery_current", "pv_power", "grid_power_l1"}
    for profile in PROFILES:
        for row in profile.rows.values():
            if row.means in fast and row.evidence is not Evidence.ASSUMED:
                assert row.tier is Tier.FAST
            if row.writable:
                assert row.tier is Tier.SETTINGS


def test_alarm_tables_belong_to_one_profile() -> None:
    """The same code number means something else on another platform."""
    ech, string = shipped()["ech_th"], shipped()["cps_403x"]

    def texts(profile: Profile) -> dict[str, str]:
        return {fault.code: fault.text for bits in profile.faults.values() for fault in bits.values()}

    assert texts(ech)["Protect0120"] == "Utility Loss"
    assert texts(string)["Protect0120"] == "Power module"
    assert texts(ech)["Warn0040"] != texts(string)["Warn0040"]


@pytest.mark.parametrize("name", ["ech_s", "ech_th"])
def test_the_alarms_of_the_manual_are_known(name: str) -> None:
    """With the levels that its screens show."""
    faults = {f.code: f.level for bits in shipped()[name].faults.values() for f in bits.values()}
    assert faults == {
        "Fault0201": AlarmLevel.IMPORTANT,
        "Protect0080": AlarmLevel.IMPORTANT,
        "Protect0110": AlarmLevel.IMPORTANT,
        "Protect0120": AlarmLevel.IMPORTANT,
        "Warn0040": AlarmLevel.COMMON,
        "Warn0070": AlarmLevel.COMMON,
    }


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: str(profile.key))
def test_entities_are_few(profile: Profile) -> None:
    """What a device shows by itself fits beside the sensors of the plant."""
    roles = [row.role for row in profile.rows.values()]
    assert sum(role in (PointRole.MAIN, PointRole.DIAGNOSTIC) for role in roles) <= 10


def test_docs_are_fresh() -> None:
    """`python -m script.chint_register_docs` has been run since the profiles changed."""
    assert PAGE.read_text(encoding="utf-8") == page()
