"""A passing wish that stands above the base mode until its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .decision import Reason
from .settings import Settings

_LONGEST = timedelta(hours=24)
UNBOUNDED = frozenset({"backup"})
"""They may run until a person ends them."""

UNTIL_ENDED = timedelta(days=3650)
"""How long such a one is made to last: so long that a person comes first."""

type Parameter = float | str | bool | None


class Source(StrEnum):
    """Who started an override."""

    PERSON = "person"
    ACTION = "action"
    AUTOMATIC = "automatic"


class OverrideRefusedError(ValueError):
    """An override that nobody may start."""

    def __init__(self, reason: Reason) -> None:
        """Keep why."""
        super().__init__(f"{reason.code} {dict(reason.values)}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One override; `kind` is the key of the mode that it lets act."""

    kind: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    source: Source
    started: datetime
    ends_at: datetime
    """UTC. Always set."""

    def __post_init__(self) -> None:
        """Refuse an end that is missing its zone, lies before the start or too far after it."""
        if self.started.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise OverrideRefusedError(Reason("override_without_zone"))
        length = self.ends_at - self.started
        if length <= timedelta(0) or (length > _LONGEST and self.kind not in UNBOUNDED):
            raise OverrideRefusedError(
                Reason("override_length", hours=round(length / timedelta(hours=1), 2), most=24)
            )

    @property
    def end(self) -> datetime | None:
        """When it ends by itself; None where a person is to end it."""
        return None if self.ends_at - self.started >= UNTIL_ENDED else self.ends_at

    def number(self, name: str) -> float | None:
        """Give a numeric parameter, None where it was not given."""
        value = self.parameters.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def from_grid(self) -> bool | None:
        """Whether the person who started it allowed the grid; None: the switch decides."""
        value = self.parameters.get("from_grid")
        return value if isinstance(value, bool) and self.source is not Source.AUTOMATIC else None

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "kind": self.kind,
            "parameters": dict(self.parameters),
            "source": self.source.value,
            "started": self.started.isoformat(),
            "ends_at": self.ends_at.isoformat(),
        }

    @classmethod
    def from_json(cls, saved: object) -> Override | None:
        """Read what was saved; None when it makes no sense, so that the base mode acts."""
        try:
            return cls._read(saved)
        except KeyError, TypeError, ValueError:
            return None

    @classmethod
    def _read(cls, saved: object) -> Override:
        if not isinstance(saved, dict) or not isinstance(saved["parameters"], dict):
            raise TypeError(saved)
        return cls(
            kind=str(saved["kind"]),
            parameters={
                str(name): value
                for name, value in saved["parameters"].items()
                if value is None or isinstance(value, int | float | str)
            },
            source=Source(saved["source"]),
            started=datetime.fromisoformat(saved["started"]).astimezone(UTC),
            ends_at=datetime.fromisoformat(saved["ends_at"]).astimezone(UTC),
        )


def check_target(settings: Settings, target_soc_pct: float) -> None:
    """Refuse a target above the charge cut-off, as an action must.

    Raises:
        OverrideRefusedError: names both.

    """
    if target_soc_pct > settings.charge_cutoff_soc_pct:
        raise OverrideRefusedError(
            Reason(
                "target_above_cutoff", target_pct=target_soc_pct, cutoff_pct=settings.charge_cutoff_soc_pct
            )
        )
