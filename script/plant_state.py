"""Where `script/plant` remembers what it found in a plant and wrote to it."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import json
import os
from pathlib import Path
import re

from custom_components.energy_storage.vendors.driver import DriverState


class StateFileError(Exception):
    """The file cannot be used; the sentence says why. It is left as it is."""


class StateFile:
    """The state of one plant's driver, on disk before the first write."""

    def __init__(self, path: Path, plant: str) -> None:
        """Belong to one plant, whatever its address."""
        self.path = path
        self._plant = plant

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other program off that would command this plant by the same file.

        Raises:
            StateFileError: there is one.

        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_name(f"{self.path.name}.lock").open("w")
        except OSError as err:
            raise StateFileError(f"{self.path} cannot be written: {err.strerror}") from err
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as err:
                raise StateFileError(f"{self.path} is in use: another script/plant is at work.") from err
            yield

    def load(self) -> DriverState | None:
        """Give what was saved; None where nothing was.

        Raises:
            StateFileError: it cannot be read, or is no state of this plant.

        """
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as err:
            raise StateFileError(f"{self.path} cannot be read, and is left as it is: {err}") from err
        state = kept.get("state") if isinstance(kept, dict) else None
        if not isinstance(state, dict) or not isinstance(state.get("control"), dict):
            raise StateFileError(f"{self.path} holds no state of a plant, and is left as it is.")
        if kept.get("plant") != self._plant:
            raise StateFileError(
                f"{self.path} belongs to another plant: {kept.get('plant')}, not {self._plant}."
            )
        return state

    def save(self, state: DriverState) -> None:
        """Bring the state to the disk: whole or not at all.

        Raises:
            StateFileError: that is not possible.

        """
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            with new.open("w", encoding="utf-8") as file:
                json.dump({"plant": self._plant, "state": state}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            _sync(self.path.parent)
        except OSError as err:
            raise StateFileError(f"{self.path} cannot be written: {err.strerror}") from err


def default_path(plant: str) -> Path:
    """Give where the state of a plant is kept when nobody names a file."""
    base = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(base) / "energy-storage" / f"{re.sub(r'[^\w.-]', '_', plant)}.json"


def _sync(folder: Path) -> None:
    """Make a renamed file last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
