"""What stands under Repairs, and the way into its fix flows."""

import json
import string
from typing import Any

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.energy_storage.const import DOMAIN

from .flow_texts import EN


def shown_issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Give what is shown, by text; every text must exist and its placeholders be given."""
    issues = json.loads(EN.read_text())["issues"]
    shown = {}
    for issue in ir.async_get(hass).issues.values():
        if issue.domain != DOMAIN or not issue.active:
            continue
        assert issue.translation_key is not None
        shown[issue.translation_key] = issue
        texts = issues[issue.translation_key]
        assert ("fix_flow" in texts) is issue.is_fixable
        for text in (texts["title"], texts.get("description", "")):
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            assert names <= (issue.translation_placeholders or {}).keys()
    return shown


def placeholders(hass: HomeAssistant, key: str) -> dict[str, str]:
    """Give what fills the text of an issue."""
    return dict(shown_issues(hass)[key].translation_placeholders or {})


async def start_fix(hass: HomeAssistant, key: str) -> tuple[Any, Any]:
    """Open the fix flow of the issue with this text; give its manager and its first step."""
    assert await async_setup_component(hass, "repairs", {})
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    manager = repairs_flow_manager(hass)
    assert manager is not None
    issue = shown_issues(hass)[key]
    return manager, await manager.async_init(DOMAIN, context={"issue_id": issue.issue_id})
