"""The values that the owner has set for one plant: one object for entities, actions and engine."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine.plant import PlantState
from .engine.settings import SETTINGS, SettingError, Settings, SettingValue
from .errors import not_allowed

_HIGHEST_MEANS_NONE = {row.key: row.high for row in SETTINGS if row.optional}


def settings_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where the settings of one plant are kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.settings")


class SettingsStore:
    """Checks every change as a whole, saves it at once, and tells who listens."""

    def __init__(self, store: Store[dict[str, Any]], kept: Mapping[str, Any] | None = None) -> None:
        """Take over what was kept; a value that makes no sense any more is left out."""
        self._store = store
        self._values: dict[str, Any] = {}
        self._listeners: list[Callable[[], None]] = []
        self.settings = Settings()
        try:
            self.settings, self._values = Settings.of(kept or {}), dict(kept or {})
        except SettingError:
            self._take_what_makes_sense(kept or {})

    @callback
    def listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener after every change until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_set(self, **values: SettingValue) -> None:
        """Change settings, all of them or none; the highest value of an optional one means no limit.

        Raises:
            ServiceValidationError: names the field, the value and what is allowed.

        """
        asked = {
            key: None if value is not None and value == _HIGHEST_MEANS_NONE.get(key) else value
            for key, value in values.items()
        }
        try:
            settings = Settings.of(self._values | asked)
        except SettingError as err:
            raise not_allowed(err.key, err.value, _allowed(err.allowed)) from err
        changed = settings != self.settings
        self._values |= asked
        self.settings = settings
        await self._store.async_save(dict(self._values))
        if changed:
            for listener in tuple(self._listeners):
                listener()

    async def async_adopt(self, state: PlantState) -> None:
        """Begin with the cut-offs and the reserve that the plant has: our defaults are not its owner's."""
        found = {
            "charge_cutoff_soc_pct": state.charge_cutoff_soc_pct,
            "discharge_cutoff_soc_pct": state.discharge_cutoff_soc_pct,
            "backup_reserve_soc_pct": state.backup_reserve_soc_pct,
        }
        new = {key: value for key, value in found.items() if value is not None and key not in self._values}
        for key, value in new.items():
            try:
                Settings.of(self._values | {key: value})
            except SettingError:
                continue
            await self.async_set(**{key: value})

    def _take_what_makes_sense(self, kept: Mapping[str, Any]) -> None:
        for key, value in kept.items():
            try:
                self.settings = Settings.of(self._values | {key: value})
            except SettingError:
                continue
            self._values[key] = value

    def as_dict(self) -> dict[str, Any]:
        """Give every setting as it holds now."""
        return asdict(self.settings)


def _allowed(allowed: object) -> str:
    """Write a range or a choice for people."""
    match allowed:
        case (int() | float() as low, int() | float() as high) if not isinstance(low, bool):
            return f"{low:g} … {high:g}"
        case tuple():
            return ", ".join(str(each) for each in allowed)
    return str(allowed)
