"""Says of writes what they are and what became of them."""

from collections.abc import Collection, Iterator, Mapping

from custom_components.energy_storage.vendors.control import Applied, Outcome
from custom_components.energy_storage.vendors.write import Write

_FAILED: Mapping[Outcome, str] = {
    Outcome.UNCONFIRMED: "taken, and not held",
    Outcome.REFUSED: "refused",
    Outcome.INTERRUPTED: "unknown",
}
_HALTED = "halted"


def told(write: Write) -> str:
    """Say what is written where."""
    value = f"{write.value:g}" if isinstance(write.value, float) else write.value
    return f"{write.device} {write.where} {write.name} = {value} {write.unit or ''}".rstrip()


def on_the_wire(write: Write) -> str:
    """Say how a write goes out, and why."""
    then = f", then wait for {write.wait_for.name} = {write.wait_for.value}" if write.wait_for else ""
    return f"{write.on_the_wire}; {write.why}{then}"


def results(applied: Applied, readable: Collection[tuple[str, str]]) -> Iterator[tuple[Write, str]]:
    """Say of each write of an order what became of it; `readable` holds (device, name)."""
    confirmed, over = applied.outcome is Outcome.CONFIRMED, False
    for write in applied.order.writes:
        over = over or write == applied.failed
        if write == applied.failed and applied.code != _HALTED:
            yield write, _FAILED[applied.outcome]
        elif write not in applied.done:
            yield write, "not sent" if over else "refused, as some firmware may"
        elif not confirmed:
            yield write, "taken"
        elif (write.device, write.name) in readable:
            yield write, "read back"
        else:
            yield write, "taken; it cannot be read back"
