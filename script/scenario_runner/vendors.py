"""Plants that can be simulated."""

from collections.abc import Callable, Mapping

from .house import House
from .sigen_plant import SigenHouse

VENDORS: Mapping[str, Callable[..., House]] = {"sigen": SigenHouse}
