"""The owner's schedule, as far as a vendor has to know it to let a plant run it alone."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class ScheduleWindow(Protocol):
    """[start, end) in minutes of local wall time; an end at or before the start wraps midnight."""

    @property
    def start_min(self) -> int: ...  # noqa: D102  a number that the class describes
    @property
    def end_min(self) -> int: ...  # noqa: D102  as above


class SchedulePeriod(Protocol):
    """A window, what is done in it, and what limits that."""

    @property
    def window(self) -> ScheduleWindow: ...  # noqa: D102  what the class describes
    @property
    def action(self) -> str: ...  # noqa: D102  as above
    @property
    def max_power_w(self) -> float | None: ...  # noqa: D102  as above
    @property
    def target_soc_pct(self) -> float | None: ...  # noqa: D102  as above
    @property
    def floor_soc_pct(self) -> float | None: ...  # noqa: D102  as above
    @property
    def max_import_w(self) -> float | None: ...  # noqa: D102  as above
    @property
    def max_export_w(self) -> float | None: ...  # noqa: D102  as above
    @property
    def grid_to_battery_w(self) -> float | None: ...  # noqa: D102  as above
    @property
    def battery_to_grid_w(self) -> float | None: ...  # noqa: D102  as above


class Schedule[P: SchedulePeriod](Protocol):
    """Our schedule, as far as it matters here: which plan a day has, and what fills its gaps."""

    @property
    def gap(self) -> str: ...  # noqa: D102  what the class describes
    def plan_of(self, day: date, holidays: Sequence[date]) -> tuple[P, ...]: ...  # noqa: D102  as above
