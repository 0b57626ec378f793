"""Print the packages that the demo's integrations pin, with their dependencies, and those of our manifest.

Home Assistant installs these itself at the first start; having them there makes a start quick and
lets the type checker and the tests see them.
"""

import json
from pathlib import Path

import homeassistant
from homeassistant.bootstrap import DEFAULT_INTEGRATIONS
from homeassistant.const import Platform

INTEGRATIONS = (
    # What the demo asks for.
    *("config", "energy", "frontend", "history", "logbook", "modbus", "recorder", "sun"),
    "system_health",
    # Pins the library of public holidays that we ask for without a version.
    "holiday",
    # What Home Assistant starts by itself.
    *DEFAULT_INTEGRATIONS,
    "hassio",
    *(platform.value for platform in Platform),
)
# Its voice packages come as source in C, and there may be no compiler: the demo has stand-ins for them.
LEFT_OUT = {"assist_pipeline"}
OURS = Path(__file__).parents[1] / "custom_components" / "energy_storage" / "manifest.json"


def requirements(names: tuple[str, ...]) -> set[str]:
    """Pinned packages of these integrations and of everything they depend on."""
    components = Path(homeassistant.__path__[0]) / "components"
    seen = set(LEFT_OUT)
    waiting = list(names)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        manifest = json.loads((components / name / "manifest.json").read_text())
        waiting += manifest.get("dependencies", [])
        found.update(manifest.get("requirements", []))
    return found


if __name__ == "__main__":
    ours = set(json.loads(OURS.read_text())["requirements"])
    print("\n".join(sorted(requirements(INTEGRATIONS) | ours)))
