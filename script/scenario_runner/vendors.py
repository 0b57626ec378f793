"""Plants that can be simulated, and what is said of each alone."""

from collections.abc import Callable, Mapping

from .house import House
from .instagen_plant import InstagenHouse
from .sigen_plant import SigenHouse

VENDORS: Mapping[str, Callable[..., House]] = {"sigen": SigenHouse, "instagen": InstagenHouse}
USUAL_LINK: Mapping[str, str] = {"sigen": "sigen", "instagen": "stick"}
OWN_FIELDS: Mapping[str, frozenset[str]] = {
    "sigen": frozenset({"firmware", "version", "app_mode", "seen", "cutoff_bug", "held"}),
    "instagen": frozenset({"battery_mode", "refused_modes"}),
}
"""Fields of a plant that only one vendor's has."""
OWN_FAULTS: Mapping[str, frozenset[str]] = {"sigen": frozenset({"vpp"}), "instagen": frozenset()}
