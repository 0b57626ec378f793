"""Which alarms are up and the last changes of them, kept over restarts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypedDict

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .cycle import Reading
from .engine.plant import Alarm, AlarmLevel, Stage

OCCURRED: Final = "occurred"
CLEARED: Final = "cleared"
KEPT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChange:
    """An alarm came or went."""

    change: Literal["occurred", "cleared"]
    at: datetime
    alarm: Alarm


class _Saved(TypedDict):
    active: list[dict[str, Any]]
    changes: list[dict[str, Any]]


def alarm_store(hass: HomeAssistant, entry_id: str) -> Store[_Saved]:
    """Where the alarms of one plant are kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.alarms")


class AlarmLog:
    """Compares each reading with the alarms known before and tells the changes."""

    def __init__(self, store: Store[_Saved]) -> None:
        """Know nothing before `load`."""
        self._store = store
        self._active: dict[tuple[str, str], dict[str, Any]] = {}
        self._changes: list[dict[str, Any]] = []
        self._listeners: list[Callable[[AlarmChange], None]] = []

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The last changes, oldest first, as JSON."""
        return list(self._changes)

    async def load(self) -> None:
        """Take up what was known before the restart, so that it is not told again."""
        if saved := await self._store.async_load():
            self._active = {(alarm["device"], alarm["code"]): alarm for alarm in saved["active"]}
            self._changes = saved["changes"]

    @callback
    def listen(self, listener: Callable[[AlarmChange], None]) -> CALLBACK_TYPE:
        """Call the listener with every change until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def update(self, reading: Reading, *, settled: bool) -> None:
        """Tell what came and went with this reading.

        An alarm is over only when its device says so: not while it is silent, and not before
        everything was asked once after a start.
        """
        if reading.stage is not Stage.FRESH:
            return
        now_active = {(alarm.device, alarm.code): alarm for alarm in reading.state.alarms}
        changes: list[AlarmChange] = []
        if settled:
            changes += [
                AlarmChange(change=CLEARED, at=reading.at, alarm=_from_json(saved))
                for key, saved in self._active.items()
                if key not in now_active and reading.state.reachable.get(key[0], True)
            ]
        changes += [
            AlarmChange(change=OCCURRED, at=reading.at, alarm=alarm)
            for key, alarm in now_active.items()
            if key not in self._active
        ]
        if changes:
            await self._take(changes)

    async def _take(self, changes: list[AlarmChange]) -> None:
        for change in changes:
            alarm = change.alarm
            saved = asdict(alarm) | {"since": alarm.since.isoformat()}
            if change.change == OCCURRED:
                self._active[alarm.device, alarm.code] = saved
            else:
                del self._active[alarm.device, alarm.code]
            self._changes.append(saved | {"change": change.change, "at": change.at.isoformat()})
            for listener in self._listeners:
                listener(change)
        del self._changes[:-KEPT]
        await self._store.async_save({"active": list(self._active.values()), "changes": self._changes})


def _from_json(saved: dict[str, Any]) -> Alarm:
    return Alarm(
        device=saved["device"],
        code=saved["code"],
        text=saved["text"],
        level=AlarmLevel(saved["level"]),
        since=datetime.fromisoformat(saved["since"]),
    )
