"""What the owner of an Instagen plant can say where nobody has published it."""

from collections.abc import Mapping

from ..driver import OptionValue, VendorOption
from .settle import Doubt

AUTO = "auto"
LEFT_WITH = "instagen_left_with"
"""What the plant is to run without us."""
SELF_CONSUMPTION, SCHEDULE = "self_consumption", "schedule"

_CHOICES: Mapping[Doubt, tuple[str, str]] = {
    Doubt.BATTERY_SIGN: ("discharge_positive", "charge_positive"),
    Doubt.GRID_SIGN: ("import_negative", "import_positive"),
    Doubt.BATTERY_CURRENT: ("tenths", "hundredths"),
    Doubt.TEMPERATURE: ("degrees", "tenths"),
}
"""For each doubt, what is inferred and what else it can be."""

OPTIONS: tuple[VendorOption, ...] = (
    VendorOption(key=LEFT_WITH, default=SELF_CONSUMPTION, choices=(SELF_CONSUMPTION, SCHEDULE)),
    *(
        VendorOption(key=f"instagen_{doubt}", default=AUTO, choices=(AUTO, *choices), expert=True)
        for doubt, choices in _CHOICES.items()
    ),
)


def chosen(options: Mapping[str, OptionValue]) -> dict[Doubt, bool]:
    """Give what the owner has said: doubt → whether it is as inferred."""
    return {
        doubt: choices.index(str(said)) == 0
        for doubt, choices in _CHOICES.items()
        if (said := options.get(f"instagen_{doubt}", AUTO)) in choices
    }
