"""Texts in the language of Home Assistant, for what its frontend cannot translate by itself."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .engine.command import BatteryCommand

type Texts = Mapping[str, str]
"""Section and key → text, for example `common.absence`."""

_SECTIONS = ("common", "entity", "exceptions")


async def load_texts(hass: HomeAssistant) -> Texts:
    """Give all of them; what a language lacks is English."""
    texts: dict[str, str] = {}
    for section in _SECTIONS:
        found = await async_get_translations(hass, hass.config.language, section, {DOMAIN})
        texts |= {key.removeprefix(f"component.{DOMAIN}."): text for key, text in found.items()}
    return texts


def name_of(texts: Texts, what: str) -> str:
    """Name a kind of command as its sensor does, or a proof."""
    state = texts.get(f"entity.sensor.command.state.{what}")
    return state or texts.get(f"common.proof_{what}", what)


def describe(texts: Texts, command: BatteryCommand) -> str:
    """Name a command with its numbers: Charge (3000 W, up to 80 %)."""
    numbers = (
        ("at_power", command.power_w),
        ("at_most_charge", command.max_charge_w),
        ("at_most_discharge", command.max_discharge_w),
        ("at_most_import", command.max_import_w),
        ("at_most_export", command.export_limit_w),
        ("up_to_soc", command.target_soc_pct),
        ("down_to_soc", command.floor_soc_pct),
    )
    told = [
        texts[f"common.{key}"].format(number=f"{number:g}") for key, number in numbers if number is not None
    ]
    name = name_of(texts, command.kind)
    return f"{name} ({', '.join(told)})" if told else name


def why(texts: Texts, code: str) -> str:
    """Explain a code: of ours, of the engine, or of a refusal; what nobody describes is shown as it is."""
    return (
        texts.get(f"common.why_{code}")
        or texts.get(f"entity.sensor.limiting_reason.state.{code}")
        or texts.get(f"exceptions.refused_{code}.message")
        or texts["common.why_other"].format(code=code)
    )
