"""What the forms for documents show and take: plain rows, made from documents and made into them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.helpers.selector import (
    CountrySelector,
    DateTimeSelector,
    EntitySelector,
    EntitySelectorConfig,
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
from homeassistant.util.dt import as_local, get_default_time_zone
import probatio

from .engine.documents import Outage
from .engine.schedule import WEEKDAYS, Action, Gap, Schedule, as_document
from .forms import number

EVERY_DAY: Final = "every_day"
OTHER_DAYS: Final = "other_days"
DAYS: Final = "days"
HOLIDAYS: Final = "holidays"
GAP: Final = "gap"
DOCUMENT: Final = "schedule"
WINDOWS: Final = "windows"
OUTAGES: Final = "outages"
OUTAGE_CALENDAR: Final = "outage_calendar"

_WATTS = ("max_power_w", "max_import_w", "max_export_w", "grid_to_battery_w", "battery_to_grid_w")
_MIDNIGHT = ("00:00", "00:00:00")


def _rows(
    key: str, required: Mapping[str, Selector[Any]], more: Mapping[str, Selector[Any]]
) -> ObjectSelector:
    """Let the owner edit a list of things that have these parts."""
    fields = {name: ObjectSelectorField(selector=each, required=True) for name, each in required.items()}
    fields |= {name: ObjectSelectorField(selector=each) for name, each in more.items()}
    first, second, *_ = fields
    return ObjectSelector(
        ObjectSelectorConfig(
            fields=fields, multiple=True, label_field=first, description_field=second, translation_key=key
        )
    )


def _one_of(options: Iterable[str], key: str, *, multiple: bool = False) -> SelectSelector:
    mode = SelectSelectorMode.LIST if multiple else SelectSelectorMode.DROPDOWN
    return SelectSelector(
        SelectSelectorConfig(options=list(options), translation_key=key, mode=mode, multiple=multiple)
    )


def _calendar() -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(domain="calendar"))


_WATT = number(0, 100_000, step=50, unit="W")
_PERCENT = number(0, 100, unit="%")
_PERIODS = _rows(
    "period",
    {"start": TimeSelector(), "action": _one_of(Action, "period_action"), "end": TimeSelector()},
    {"max_power_w": _WATT, "target_soc_pct": _PERCENT, "floor_soc_pct": _PERCENT}
    | dict.fromkeys(_WATTS[1:], _WATT),
)

SCHEDULE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(EVERY_DAY): _PERIODS,
        probatio.Optional(DAYS): _one_of(WEEKDAYS, "weekday", multiple=True),
        probatio.Optional(OTHER_DAYS): _PERIODS,
        probatio.Required(HOLIDAYS, default=EVERY_DAY): _one_of((EVERY_DAY, OTHER_DAYS), "holiday_plan"),
        probatio.Required(GAP, default=Gap.ENTRY_FLOOR.value): _one_of(Gap, "gap"),
    }
)
DOCUMENT_SCHEMA: Final = probatio.Schema({probatio.Optional(DOCUMENT): ObjectSelector()})
SHAVING_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(WINDOWS): _rows(
            "shaving_window", {"start": TimeSelector(), "end": TimeSelector()}, {"max_import_w": _WATT}
        )
    }
)
OUTAGES_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(OUTAGES): _rows(
            "outage", {"start": DateTimeSelector(), "end": DateTimeSelector()}, {}
        ),
        probatio.Optional(OUTAGE_CALENDAR): _calendar(),
    }
)
HOLIDAYS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional("holiday_country"): CountrySelector(),
        probatio.Optional("holiday_subdivision"): TextSelector(),
        probatio.Optional("holiday_calendar"): _calendar(),
    }
)


def can_show(schedule: Schedule) -> bool:
    """Tell whether the simple form can show a schedule: two plans at most, and no seasons."""
    plans = set(schedule.plans) <= {EVERY_DAY, OTHER_DAYS} and schedule.default == EVERY_DAY
    return plans and not schedule.seasons and EVERY_DAY not in schedule.weekdays.values()


def schedule_as_form(schedule: Schedule | None) -> dict[str, Any]:
    """Give what the simple form shows of a schedule that it can show."""
    if schedule is None:
        return {}
    document = as_document(schedule)
    return {
        EVERY_DAY: document["plans"][EVERY_DAY],
        OTHER_DAYS: document["plans"].get(OTHER_DAYS, []),
        DAYS: list(document["weekdays"]),
        HOLIDAYS: document["holidays"] or EVERY_DAY,
        GAP: document["gap"],
    }


def schedule_from_form(entered: Mapping[str, Any]) -> dict[str, Any] | None:
    """Make a document of what was entered; None where there is no period at all."""
    plans = {name: windows_from_form(entered.get(name)) for name in (EVERY_DAY, OTHER_DAYS)}
    if not any(plans.values()):
        return None
    return {
        "plans": plans,
        "default": EVERY_DAY,
        "weekdays": dict.fromkeys(entered.get(DAYS) or (), OTHER_DAYS),
        "holidays": OTHER_DAYS if entered[HOLIDAYS] == OTHER_DAYS else None,
        "gap": entered[GAP],
    }


def windows_from_form(entered: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Give windows or periods; a clock to choose a time with has no 24:00."""
    return [dict(row) | ({"end": "24:00"} if row.get("end") in _MIDNIGHT else {}) for row in entered or ()]


def outages_as_form(outages: Iterable[Outage]) -> list[dict[str, str]]:
    """Give outages in local time."""
    return [
        {
            name: as_local(at).strftime("%Y-%m-%d %H:%M:%S")
            for name, at in (("start", each.start), ("end", each.end))
        }
        for each in outages
    ]


def outages_from_form(entered: Iterable[Mapping[str, str]] | None) -> list[dict[str, object]]:
    """Make a document of outages in local time."""
    return [{name: _with_zone(text) for name, text in row.items()} for row in entered or ()]


def _with_zone(text: str) -> object:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at if at.tzinfo is not None else at.replace(tzinfo=get_default_time_zone())
