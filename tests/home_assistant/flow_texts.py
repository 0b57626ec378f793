"""Looks whether everything that a flow shows has an English text."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import string
from typing import Any
from unittest.mock import patch

from homeassistant.data_entry_flow import FlowHandler, FlowManager, FlowResultType, section
from homeassistant.helpers import issue_registry as ir

from custom_components.energy_storage.const import DOMAIN

EN = Path(__file__).parents[2] / "custom_components/energy_storage/translations/en.json"

type Texts = Mapping[str, Any]
type Result = Mapping[str, Any]


class NoTextError(AssertionError):
    """Something is shown without a text."""


def _need(texts: Texts, *path: str) -> str:
    here: Any = texts
    for key in path:
        if not isinstance(here, Mapping) or key not in here:
            raise NoTextError("no text at " + ".".join(path))
        here = here[key]
    if not isinstance(here, str):
        raise NoTextError("no text but more keys at " + ".".join(path))
    return here


def _fields(texts: Texts, where: tuple[str, ...], schema: Any) -> Iterator[str]:
    """Label and help of each field, whose help must be there too."""
    for marker, kind in schema.schema.items():
        key = str(marker)
        if isinstance(kind, section):
            yield _need(texts, *where, "sections", key, "name")
            yield from _fields(texts, (*where, "sections", key), kind.schema)
        else:
            yield _need(texts, *where, "data", key)
            yield _need(texts, *where, "data_description", key)


def _shown(texts: Texts, result: Result) -> Iterator[str]:
    """Every text that this result makes the frontend look up."""
    match result["type"]:
        case FlowResultType.FORM:
            yield _need(texts, "step", result["step_id"], "title")
            yield _need(texts, "step", result["step_id"], "description")
            yield from _fields(texts, ("step", result["step_id"]), result["data_schema"])
            for error in (result["errors"] or {}).values():
                yield _need(texts, "error", error)
        case FlowResultType.MENU:
            yield _need(texts, "step", result["step_id"], "title")
            yield _need(texts, "step", result["step_id"], "description")
            for option in result["menu_options"]:
                yield _need(texts, "step", result["step_id"], "menu_options", option)
        case FlowResultType.SHOW_PROGRESS:
            yield _need(texts, "progress", result["progress_action"])
        case FlowResultType.ABORT if result.get("translation_domain") is None:
            yield _need(texts, "abort", result["reason"])
        case _:
            pass


def check_result(texts: Texts, result: Result) -> None:
    """Fail when a text or a value for one of its placeholders is missing."""
    given = result.get("description_placeholders") or {}
    for text in _shown(texts, result):
        for _, name, _, _ in string.Formatter().parse(text):
            if name is not None and name not in given:
                raise NoTextError(f"nothing is given for {{{name}}} in {text!r}")


def texts_of(en: Texts, manager: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any]) -> Texts:
    """Give the part of the texts that the frontend looks into for this flow."""
    match type(manager).__name__:
        case "RepairsFlowManager":
            issue = ir.async_get(manager.hass).async_get_issue(DOMAIN, flow.context["issue_id"])
            assert issue is not None
            found: Texts = en["issues"][issue.translation_key]["fix_flow"]
        case "ConfigSubentryFlowManager":
            found = en["config_subentries"][flow.handler[1]]
        case "OptionsFlowManager":
            found = en["options"]
        case _:
            found = en["config"]
    return found


def flow_texts_checked() -> Any:
    """Check every result of every flow of ours while the patch lasts."""
    en = json.loads(EN.read_text())
    original = FlowManager._async_handle_step

    async def checked(
        manager: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any], *args: Any, **kwargs: Any
    ) -> Any:
        ours = type(flow).__module__.startswith("custom_components.")
        texts = texts_of(en, manager, flow) if ours else None
        result = await original(manager, flow, *args, **kwargs)
        if texts is not None:
            check_result(texts, result)
        return result

    return patch.object(FlowManager, "_async_handle_step", checked)
