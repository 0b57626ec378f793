"""What the flows behind our issues have in common."""

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .controller import Controller, ControlView
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine import ControlState


class PlantRepairFlow(RepairsFlow):
    """A flow about one plant."""

    def __init__(self, entry: EnergyStorageConfigEntry) -> None:
        """Know which plant it is about."""
        self._entry = entry

    @property
    def _placeholders(self) -> dict[str, str]:
        """What the issue tells, also in its flow."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        told = issue.translation_placeholders if issue is not None else None
        return {"plant": self._entry.title, **(told or {})}

    def _controlled(self) -> tuple[PlantRuntime, Controller, ControlView] | None:
        """Give what controls the plant, None while it is not set up."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return None
        runtime = self._entry.runtime_data
        view = runtime.cycle.reading().control
        return None if runtime.controller is None or view is None else (runtime, runtime.controller, view)

    async def _set_control(self, runtime: PlantRuntime, control: ControlState) -> RepairsFlowResult:
        """Set the switch, and let the cycle see it: its writes may take longer than a dialog should."""
        await runtime.settings.async_set(control=control)
        self._entry.async_create_background_task(self.hass, runtime.cycle.decide(), f"{DOMAIN} decide")
        return self.async_create_entry(data={})

    def _not_loaded(self) -> RepairsFlowResult:
        return self.async_abort(reason="not_loaded")
