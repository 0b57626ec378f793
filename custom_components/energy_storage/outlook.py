"""When something changes next by itself; pure, apart from not looking it up in every cycle."""

from datetime import date, datetime

from .engine import Decision
from .engine.documents import Documents
from .engine.memory import Lasting

_SCHEDULE = frozenset({"period", "schedule_gap"})


class Outlook:
    """Looks a schedule up again only when its next change has come, or the schedule is another."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._of: object = None
        self._next: datetime | None = None
        self._looked: date | None = None

    def next_change(
        self, now: datetime, decision: Decision, documents: Documents, lasting: Lasting
    ) -> datetime | None:
        """Give the next moment at which the command may change without anybody's doing."""
        if lasting.override is not None:
            return lasting.override.end
        ahead: list[datetime | None] = []
        codes = {reason.code for reason in decision.reasons}
        if codes & _SCHEDULE:
            ahead.append(self._of_schedule(now, documents))
        if decision.base_mode == "load_shedding" and (outage := documents.outage_after(now)) is not None:
            ahead.append(outage.end if outage.covers(now) else outage.start)
        if decision.base_mode == "remote_ems" and lasting.dispatch is not None:
            ahead += (lasting.dispatch.valid_from, lasting.dispatch.valid_until)
        return min((moment for moment in ahead if moment is not None and moment > now), default=None)

    def _of_schedule(self, now: datetime, documents: Documents) -> datetime | None:
        schedule, zone, holidays = of = (documents.schedule, documents.zone, documents.holidays)
        if schedule is None:
            return None
        today = now.astimezone(zone).date()
        passed = self._looked != today or (self._next is not None and now >= self._next)
        if of != self._of or passed:
            self._next = schedule.next_change(now, zone, holidays)
            self._of, self._looked = of, today
        return self._next
