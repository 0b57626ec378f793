"""The flows behind the issues that Home Assistant can fix with its owner."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
import probatio

from .controller import Controller
from .engine import ControlState, Ownership
from .engine.plant import DeviceKind
from .issues import PV_LIMIT_ZERO, SHADOW_DAY_OVER, SOMEONE_ELSE
from .link_repairs import LINK_FLOWS
from .repair_flow import PlantRepairFlow
from .vendors.control import Outcome, Request
from .vendors.driver import DriverError
from .vendors.write import CommandRefusedError

NOT_LIFTED: Final = frozenset({"refused_by_device", "not_held", "link_lost"})
"""Codes that have a text of their own when a PV limit is not lifted."""
WHO: Final = {Ownership.OTHER_MASTER: "other_master", Ownership.FOREIGN: "other_values"}
"""The step that explains who controls the plant; what is not here has let go of it."""


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Make the flow of an issue."""
    del issue_id
    kept = data or {}
    return FLOWS[str(kept["kind"])](hass.config_entries.async_get_known_entry(str(kept["entry_id"])))


class SomeoneElseFlow(PlantRepairFlow):
    """Says who controls the plant, and lets the owner decide whose it is."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Look who it is."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        _, _, view = found
        if view.decision.control is not ControlState.YIELDED:
            return self.async_create_entry(data={})
        return self._menu(WHO.get(view.holding.ownership, "gone"))

    def _menu(self, step_id: str) -> RepairsFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["take_over", "leave"],
            description_placeholders=self._placeholders,
        )

    async def async_step_other_master(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """The plant says that somebody else commands it."""
        return self._menu("other_master")

    async def async_step_other_values(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """The plant holds what we did not write."""
        return self._menu("other_values")

    async def async_step_gone(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Whoever it was has let go of the plant."""
        return self._menu("gone")

    async def async_step_take_over(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Take the plant, and see whether that holds; submitting tries again."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        runtime, controller, _ = found
        controller.take_over()
        view = (await runtime.cycle.decide()).control
        if view is not None and view.decision.control is not ControlState.YIELDED:
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="take_over",
            data_schema=probatio.Schema({}),
            errors={"base": "still_theirs"},
            description_placeholders=self._placeholders,
        )

    async def async_step_leave(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Leave the plant to them."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        return await self._set_control(found[0], ControlState.OFF)


class PvLimitZeroFlow(PlantRepairFlow):
    """Lifts a stored PV limit of 0."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Lift it when the owner says so; when the device refuses, say why."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        errors: dict[str, str] = {}
        if user_input is not None:
            runtime, controller, _ = found
            code = await _lift(controller)
            await runtime.cycle.decide()
            if code is None:
                return self.async_create_entry(data={})
            errors["base"] = code if code in NOT_LIFTED else "not_lifted"
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders=self._placeholders,
        )


async def _lift(controller: Controller) -> str | None:
    """Lift the PV limit; give the code of what was in the way."""
    try:
        applied = await controller.request(DeviceKind.PLANT, Request.LIFT_PV_LIMIT)
    except CommandRefusedError as err:
        return err.code
    except DriverError:
        return "link_lost"
    return None if applied.outcome is Outcome.CONFIRMED else applied.code or "not_lifted"


class ShadowDayFlow(PlantRepairFlow):
    """Tells what a day of control would have been, and asks whether to switch it on."""

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        if self._controlled() is None:
            return self._not_loaded()
        return self.async_show_menu(
            step_id="init",
            menu_options=["switch_on", "stay"],
            description_placeholders=self._placeholders,
        )

    async def async_step_switch_on(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Control the plant from now on."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        return await self._set_control(found[0], ControlState.ON)

    async def async_step_stay(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go on watching, and ask no more."""
        if (found := self._controlled()) is None:
            return self._not_loaded()
        await found[0].coordinator.shadow_day.answer()
        return self.async_create_entry(data={})


FLOWS: Final[dict[str, type[PlantRepairFlow]]] = {
    **LINK_FLOWS,
    SOMEONE_ELSE: SomeoneElseFlow,
    PV_LIMIT_ZERO: PvLimitZeroFlow,
    SHADOW_DAY_OVER: ShadowDayFlow,
}
