"""Problems of control that only the owner can solve, raised from what each cycle came to."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .controller import Confidence, ControlView
from .cycle import Reading
from .engine import ControlState
from .engine.inputs import MeterUse
from .issues import (
    CONTROL_REFUSED,
    METER_DISAGREES,
    NOT_CONFIRMED,
    OF_CONTROL,
    PROGRAM_DOES_NOT_FIT,
    PV_LIMIT_ZERO,
    SHADOW_DAY_OVER,
    SOMEONE_ELSE,
    clear_issues,
    create_issue,
)
from .shadow_day import ShadowDay
from .texts import load_texts, name_of, why

IN_A_ROW: Final = 2
"""So many failures in a row are more than bad luck."""
TEXTS: Final = {
    NOT_CONFIRMED: {"not_held": True, "remote_not_in_force": True, "link_lost": False},
    CONTROL_REFUSED: {
        "refused_by_device": True,
        "remote_not_in_force": True,
        "stored_mode_unsafe": True,
        "no_snapshot": False,
        "not_read": False,
    },
}
"""Codes that have a text of their own, and whether that is the maker's; others share one."""
SAME_AS: Final = {"ratings_unknown": "not_read", "value_unknown": "not_read"}
NORMAL_LIFE: Final = frozenset(
    {
        "grid_lost",
        "halted",
        "later",
        "load_unknown",
        "needs_fresh_soc",
        "soc_at_floor",
        "soc_too_low",
        "soc_unknown",
        "target_reached",
        "write_budget",
        "write_spacing",
        # These have repairs of their own.
        "other_master",
        "pv_limit_zero",
        "someone_else_controls",
    }
)
"""Refusals that a healthy plant has now and then, and that end by themselves."""


async def async_update_control_issues(
    hass: HomeAssistant, entry: ConfigEntry, reading: Reading, shadow_day: ShadowDay
) -> None:
    """Keep the issues in step with what control came to; without control there are none."""
    if (view := reading.control) is None:
        clear_issues(hass, entry, *OF_CONTROL)
        return
    await shadow_day.feed(reading.at, view.decision)
    await _update_failures(hass, entry, view)
    control = view.decision.control
    if control is ControlState.YIELDED:
        create_issue(hass, entry, SOMEONE_ELSE, fixable=True)
    else:
        clear_issues(hass, entry, SOMEONE_ELSE)
    if view.decision.meter is MeterUse.DISAGREES:
        create_issue(hass, entry, METER_DISAGREES, severity=ir.IssueSeverity.WARNING)
    else:
        clear_issues(hass, entry, METER_DISAGREES)
    if PV_LIMIT_ZERO in view.holding.obstacles and control in (ControlState.ON, ControlState.SHADOW):
        create_issue(hass, entry, PV_LIMIT_ZERO, fixable=True)
    else:
        clear_issues(hass, entry, PV_LIMIT_ZERO)
    await _update_program(hass, entry, view.holding.misfit)
    if view.writable and shadow_day.over(reading.at):
        await _ask(hass, entry, shadow_day)
    else:
        clear_issues(hass, entry, SHADOW_DAY_OVER)


async def _update_failures(hass: HomeAssistant, entry: ConfigEntry, view: ControlView) -> None:
    """Tell what the plant does not do, one of two ways."""
    kind = failure_of(view)
    clear_issues(hass, entry, *({NOT_CONFIRMED, CONTROL_REFUSED} - {kind}))
    if kind is None or view.code is None or view.decision.command is None:
        return
    code = SAME_AS.get(view.code, view.code)
    of_vendor = TEXTS[kind].get(code)
    create_issue(
        hass,
        entry,
        kind,
        text=f"{kind}_{'other' if of_vendor is None else code}",
        of_vendor=of_vendor is True,
        command=name_of(await load_texts(hass), view.decision.command.kind),
        code=code,
    )


def failure_of(view: ControlView) -> str | None:
    """Say how control fails; None while it does not, or when that is normal life."""
    if view.decision.control is not ControlState.ON or view.failures < IN_A_ROW:
        return None
    if view.confidence is Confidence.REFUSED and view.code not in NORMAL_LIFE:
        return CONTROL_REFUSED
    if view.confidence is Confidence.ASSUMED and view.code not in NORMAL_LIFE:
        return NOT_CONFIRMED
    return None


async def _update_program(hass: HomeAssistant, entry: ConfigEntry, misfit: str | None) -> None:
    """Tell why the plant will not be left with what the owner wants it to run alone."""
    if misfit is None:
        clear_issues(hass, entry, PROGRAM_DOES_NOT_FIT)
        return
    create_issue(
        hass,
        entry,
        PROGRAM_DOES_NOT_FIT,
        severity=ir.IssueSeverity.WARNING,
        reason=why(await load_texts(hass), misfit),
    )


async def _ask(hass: HomeAssistant, entry: ConfigEntry, shadow_day: ShadowDay) -> None:
    """Ask whether to go on from shadow, with what would have been done."""
    texts = await load_texts(hass)
    told = [f"{name_of(texts, kind)} ({count})" for kind, count in shadow_day.counts.items()]
    create_issue(
        hass,
        entry,
        SHADOW_DAY_OVER,
        fixable=True,
        severity=ir.IssueSeverity.WARNING,
        count=str(sum(shadow_day.counts.values())),
        commands=", ".join(told) or "-",
    )
