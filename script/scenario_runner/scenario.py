"""One scenario: the plant, its link, its owner's wishes, its days, what goes wrong and what is expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from custom_components.energy_storage.engine import Settings, Site
from custom_components.energy_storage.engine.documents import Documents, outages_of, shaving_of
from custom_components.energy_storage.engine.schedule import schedule_of
from custom_components.energy_storage.engine.settings import SettingError
from custom_components.energy_storage.engine.windows import DocumentError

from .link import Link, link_of
from .meter import MeterSetup, meter_of
from .schema import ScenarioError, check, load_schema
from .series import Watts, series_of
from .times import Clock
from .vendors import OWN_FAULTS, OWN_FIELDS, USUAL_LINK

EVENTS = (
    "settings",
    "documents",
    "override",
    "end_override",
    "dispatch",
    "take_over",
    "restart",
    "grid",
    "fault",
    "app",
)
_PHYSICAL = ("grid", "fault", "app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens at a moment."""

    at_s: float
    kind: str
    what: Any
    """As written in the file."""

    @property
    def physical(self) -> bool:
        """Whether it happens by itself; else it waits for the next cycle of Home Assistant."""
        return self.kind in _PHYSICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story."""

    story: str
    clock: Clock
    end_s: float
    step_s: float
    """The longest stretch in which powers count as constant."""
    vendor: str
    plant: Mapping[str, Any]
    link: Link
    meter: MeterSetup | None
    """At the grid connection, beside the plant."""
    site: Site
    settings: Settings
    documents: Documents
    load: Watts
    pv: Watts
    events: tuple[Event, ...]
    writes_before: int
    """How often each register was written today, before the story begins."""
    expect: tuple[Mapping[str, Any], ...]


def read(path: Path) -> Scenario:
    """Read a file.

    Raises:
        ScenarioError: with the first field that is wrong.

    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as err:
        raise ScenarioError("", str(err), "JSON") from err
    return scenario_of(document)


def scenario_of(document: Any) -> Scenario:
    """Make a scenario from its document.

    Raises:
        ScenarioError: with the first field that is wrong.

    """
    schema = load_schema()
    check(document, schema, schema)
    try:
        clock = Clock(document["start"], document.get("zone", "Europe/Berlin"))
    except (ZoneInfoNotFoundError, ValueError) as err:
        raise ScenarioError(
            "start", document["start"], "a local date and time, in a zone that exists"
        ) from err
    plant, connection = document.get("plant", {}), document.get("connection", {})
    vendor = plant.get("vendor", "sigen")
    _check_vendor(document, plant, vendor)
    end_s = clock.start_s + 3600 * document["hours"]
    return Scenario(
        story=document["story"],
        clock=clock,
        end_s=end_s,
        step_s=document.get("step_s", 5.0),
        vendor=vendor,
        plant=plant,
        meter=meter_of(document.get("meter")),
        link=link_of(document.get("link", USUAL_LINK[vendor])),
        site=Site(
            main_fuse_a=connection.get("main_fuse_a"),
            phases=connection.get("phases", 1),
            largest_load_w=connection.get("largest_load_w"),
            backup_supply=connection.get("backup_supply", plant.get("backup_supply", True)),
        ),
        settings=settings_of({"control": "on"} | document.get("settings", {}), "settings"),
        documents=documents_of(document.get("documents", {}), clock, Documents(zone=clock.zone), "documents"),
        load=series_of(document["load"], clock),
        pv=series_of(document.get("pv", 0), clock),
        events=tuple(_events(document.get("events", []), clock, end_s)),
        writes_before=document.get("writes_before", 0),
        expect=tuple(document["expect"]),
    )


def _check_vendor(document: Mapping[str, Any], plant: Mapping[str, Any], vendor: str) -> None:
    """Refuse what only another vendor's plant has."""
    for other, fields in OWN_FIELDS.items():
        if other != vendor and (wrong := sorted(fields & set(plant))):
            raise ScenarioError(f"plant.{wrong[0]}", plant[wrong[0]], f"a plant of {other}")
    for number, row in enumerate(document.get("events", [])):
        kind = row.get("fault", {}).get("kind")
        for other, faults in OWN_FAULTS.items():
            if other != vendor and kind in faults:
                raise ScenarioError(f"events[{number}].fault.kind", kind, f"a plant of {other}")


def settings_of(values: Mapping[str, Any], where: str) -> Settings:
    """Read settings.

    Raises:
        ScenarioError: there is no such setting, or not with this value.

    """
    known = Settings.__dataclass_fields__
    for name, value in values.items():
        if name not in known:
            raise ScenarioError(f"{where}.{name}", value, f"no such setting; settings: {', '.join(known)}")
    try:
        return Settings.of(values)
    except SettingError as err:
        raise ScenarioError(f"{where}.{err.key}", err.value, str(err.allowed)) from err


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Give settings with some changed."""
    now = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    return settings_of(now | dict(values), "settings")


def documents_of(written: Mapping[str, Any], clock: Clock, before: Documents, where: str) -> Documents:
    """Read the owner's documents; those that are not there stay as they were.

    Raises:
        ScenarioError: one of them makes no sense.

    """
    schedule, shaving, outages = before.schedule, before.shaving, before.outages
    part = where
    try:
        if "schedule" in written:
            part = f"{where}.schedule"
            schedule = None if written["schedule"] is None else schedule_of(written["schedule"])
        if "shaving" in written:
            part = f"{where}.shaving"
            shaving = shaving_of(written["shaving"])
        if "outages" in written:
            part = f"{where}.outages"
            outages = outages_of(written["outages"])
    except DocumentError as err:
        raise ScenarioError(f"{part}.{err.field}", err.value, err.allowed) from err
    holidays = before.holidays
    if "holidays" in written:
        holidays = frozenset(date.fromisoformat(day) for day in written["holidays"])
    return Documents(schedule=schedule, shaving=shaving, outages=outages, holidays=holidays, zone=clock.zone)


def _events(rows: list[dict[str, Any]], clock: Clock, end_s: float) -> list[Event]:
    events: list[Event] = []
    for number, row in enumerate(rows):
        where = f"events[{number}]"
        kinds = [name for name in row if name in EVENTS]
        if len(kinds) != 1:
            raise ScenarioError(where, kinds, f"exactly one of {', '.join(EVENTS)}")
        at_s = clock.epoch_s(row["at"])
        if not clock.start_s <= at_s <= end_s:
            raise ScenarioError(f"{where}.at", row["at"], "a moment within the scenario")
        if kinds[0] == "settings":
            settings_of(row["settings"], f"{where}.settings")
        if kinds[0] == "documents":
            documents_of(row["documents"], clock, Documents(), f"{where}.documents")
        events.append(Event(at_s=at_s, kind=kinds[0], what=row[kinds[0]]))
    return sorted(events, key=lambda event: event.at_s)
