"""What a third party wants the battery to do for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .command import BatteryCommand, CommandKind
from .decision import Reason
from .settings import Settings

_LONGEST = timedelta(hours=24)
_ALLOWED = frozenset(CommandKind) - {CommandKind.ISLAND, CommandKind.RELEASE}


class DispatchRefusedError(ValueError):
    """A dispatch that is not taken."""

    def __init__(self, reason: Reason) -> None:
        """Keep why."""
        super().__init__(f"{reason.code} {dict(reason.values)}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One wish of one sender, for a time that always ends."""

    id: str
    sender: str
    command: BatteryCommand
    valid_from: datetime
    valid_until: datetime

    def holds(self, now: datetime) -> bool:
        """Tell whether it is to be obeyed."""
        return self.valid_from <= now < self.valid_until

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "id": self.id,
            "sender": self.sender,
            "command": self.command.to_json(),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_json(cls, saved: object) -> Dispatch | None:
        """Read what was saved; None when it makes no sense."""
        if not isinstance(saved, Mapping):
            return None
        if (command := BatteryCommand.from_json(saved.get("command"))) is None:
            return None
        try:
            return cls(
                id=str(saved["id"]),
                sender=str(saved["sender"]),
                command=command,
                valid_from=datetime.fromisoformat(str(saved["valid_from"])).astimezone(UTC),
                valid_until=datetime.fromisoformat(str(saved["valid_until"])).astimezone(UTC),
            )
        except KeyError, ValueError:
            return None


def check_dispatch(
    new: Dispatch, running: Dispatch | None, settings: Settings, now: datetime, rated_w: float | None
) -> None:
    """Refuse a dispatch that is over, lies outside the limits, or would push another sender aside.

    Raises:
        DispatchRefusedError: with the reason.

    """
    command, length = new.command, new.valid_until - new.valid_from
    if new.valid_until <= now or length <= timedelta(0):
        raise DispatchRefusedError(Reason("dispatch_expired"))
    if length > _LONGEST:
        raise DispatchRefusedError(Reason("dispatch_too_long", hours=length / timedelta(hours=1), most=24))
    if running is not None and running.valid_until > now and running.sender != new.sender:
        raise DispatchRefusedError(Reason("dispatch_taken", sender=running.sender))
    if command.kind not in _ALLOWED:
        raise DispatchRefusedError(Reason("dispatch_not_allowed", command=command.kind.value))
    if rated_w is not None and command.power_w is not None and command.power_w > rated_w:
        raise DispatchRefusedError(Reason("dispatch_power", watts=command.power_w, most=rated_w))
    target, floor = command.target_soc_pct, command.floor_soc_pct
    if target is not None and target > settings.charge_cutoff_soc_pct:
        raise DispatchRefusedError(
            Reason("target_above_cutoff", target_pct=target, cutoff_pct=settings.charge_cutoff_soc_pct)
        )
    least = max(settings.discharge_cutoff_soc_pct, settings.backup_reserve_soc_pct)
    if floor is not None and floor < least:
        raise DispatchRefusedError(Reason("floor_below_reserve", floor_pct=floor, least_pct=least))
