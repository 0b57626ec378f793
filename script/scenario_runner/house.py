"""What the loop needs of a simulated plant, whosever it is: it is measured, told what to do, and obeys."""

from datetime import datetime
from typing import Any, Protocol

from custom_components.energy_storage.engine.command import BatteryCommand
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.vendors.control import Capabilities, DeviceLimits, Holding, Order
from custom_components.energy_storage.vendors.write import Write
from tests.simulators.plant import SimulatedPlant


class House(Protocol):
    """A plant, and what a driver keeps of it."""

    @property
    def plant(self) -> SimulatedPlant:
        """Its physics."""

    def run(self, seconds: float, load_w: float, pv_w: float) -> None:
        """Let time pass."""

    def happen(self, kind: str, what: Any) -> None:
        """Let somebody else do something to the plant."""

    def register(self, name: str) -> float | str:
        """Give what the plant holds under a name of its maker's."""

    def measure(self, now: datetime) -> PlantState:
        """Read what the plant measures."""

    def take(self, state: PlantState, now: datetime) -> None:
        """Look at a reading that has just arrived."""

    def look(self, now: datetime) -> object:
        """Ask anew what an order is made from."""

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded."""

    def holding(self, now: datetime) -> Holding:
        """Say what the plant holds, as far as is known."""

    def order(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool = False) -> Order:
        """Plan a command, None for a release.

        Raises:
            CommandRefusedError: it cannot be carried out now.

        """

    def drifted(self, command: BatteryCommand, limits: DeviceLimits) -> bool:
        """Tell whether what is held needs another write to be this command still."""

    def begin(self, order: Order) -> None:
        """Note what is about to be written."""

    def count(self, write: Write, now: datetime) -> None:
        """Count a write, whatever becomes of it."""

    def may_be_written(self, write: Write) -> bool:
        """Compare what must lie below the SOC with the SOC of this moment."""

    def write(self, write: Write) -> bool:
        """Write; False where the plant refuses."""

    def waits(self, write: Write) -> bool:
        """Tell whether what a write leads to is still to come."""

    def refused(self, order: Order) -> bool:
        """Note that the plant refused; True where the same order, made anew, goes another way."""

    def settle(self, order: Order, skipped: tuple[str, ...], now: datetime) -> bool:
        """Note that all was written; True when all of it holds as far as can be told."""

    def let_go(self) -> None:
        """Give up the claim on what somebody else has changed."""

    def ignore_writes(self, *, on: bool) -> None:
        """Answer writes without doing them."""

    def restarted(self) -> None:
        """Know only what was on the disk."""
