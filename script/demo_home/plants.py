"""The simulated plants of the demo: the one that it is about, and its neighbours of other makers."""

from dataclasses import dataclass
import json
from pathlib import Path
import shutil
from typing import Any

from .api import HomeAssistantApi
from .plant import SIGEN as SIGEN_WAY, Way, add_plant, entry_of
from .processes import SIGEN as SIGEN_SIMULATOR, DemoError, free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One simulated plant."""

    name: str
    """Of its log, and in what is kept."""
    title: str
    port: int
    """Where it would like to listen."""
    simulator: tuple[str, ...]
    """What `tests.simulators` is told, besides address and place."""
    way: Way


PLANTS = (
    Plant(name="plant", title="Sigen", port=5020, simulator=SIGEN_SIMULATOR, way=SIGEN_WAY),
    Plant(
        name="instagen",
        title="Instagen",
        port=10081,
        simulator=("instagen",),
        way=Way(choices=("instagen", "create_in_shadow")),
    ),
    Plant(
        name="chint_sce",
        title="Chint SCE",
        port=5021,
        simulator=("chint", "--profile", "sce"),
        way=Way(choices=("chint", "chint_tcp", "create_in_shadow")),
    ),
    Plant(
        name="chint_ech",
        title="Chint ECH",
        port=5022,
        simulator=("chint", "--profile", "ech_th"),
        way=Way(choices=("chint", "chint_tcp", "create_in_shadow")),
    ),
)
"""The first one is on the dashboards, and is checked through and through."""


class KeptPlants:
    """Where each plant listens, as its config entry names it, and which entry is its own."""

    def __init__(self, path: Path) -> None:
        """Take up what an earlier start has left; a house without this list is too old to be used."""
        if not path.exists():
            shutil.rmtree(path.parent, ignore_errors=True)
        self._path = path
        self._kept: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}

    def check_ports(self) -> None:
        """Refuse to go on where something else listens for one of the plants.

        Raises:
            DemoError: it does.

        """
        for plant in PLANTS:
            port = self.port_of(plant)
            if free_port(port) != port:
                raise DemoError(f"port {port} is taken; does another demo run?")

    def port_of(self, plant: Plant) -> int:
        """Give the port of a plant, the same at each start."""
        kept = self._kept.setdefault(plant.name, {})
        if "port" not in kept:
            kept["port"] = free_port(plant.port)
            self._save()
        return int(kept["port"])

    def entry_of(self, plant: Plant) -> str:
        """Give the id of a plant's config entry."""
        return str(self._kept[plant.name]["entry"])

    async def add(self, api: HomeAssistantApi, plant: Plant) -> bool:
        """Add a plant through the config flow; False when it is there already."""
        if await entry_of(api, self._kept[plant.name].get("entry")) is not None:
            return False
        try:
            self._kept[plant.name]["entry"] = await add_plant(api, self.port_of(plant), plant.way)
        except DemoError as err:
            raise DemoError(f"{plant.title}: {err}") from err
        self._save()
        return True

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._kept))
