"""The owner's own register maps: files in the config folder, looked at again each minute."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import os
from pathlib import Path
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import CONF_VENDOR, DOMAIN, LOGGER
from .vendors import VENDORS
from .vendors.driver import Vendor, WrongProfileError

PROFILE_WRONG: Final = "profile_wrong"
PROFILE_MISSING: Final = "profile_missing"
_LOOK_EVERY: Final = timedelta(minutes=1)
_SUFFIX: Final = ".json"
_LONGEST: Final = 1_000_001
"""So much of a file is read: more is no profile, and its reader says so."""

type _Seen = Mapping[str, tuple[int, int]]
"""File name → time of its last change and size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """What there is."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What plants are read by: file name → text, of a wrong file the one that was right last."""
    wrong: Mapping[str, WrongProfileError] = field(default_factory=dict[str, WrongProfileError])
    """File name → what is the matter with it."""
    files: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the files are called, without suffix."""
        return tuple(file.removesuffix(_SUFFIX) for file in self.files)


class ProfileFolder:
    """`energy_storage/profiles` in the config folder, and what was good in it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know nothing yet."""
        self._hass = hass
        self._path = Path(hass.config.path(DOMAIN, "profiles"))
        self._store: Store[dict[str, str]] = Store(hass, 1, f"{DOMAIN}.profiles")
        self._good: dict[str, str] | None = None
        self._seen: _Seen | None = None
        self._named: frozenset[str] = frozenset()
        self._last = Profiles()
        self._turn = asyncio.Lock()

    async def look(self, vendor: Vendor) -> Profiles:
        """Look what there is now; the owner is told what is wrong."""
        async with self._turn:
            seen = await self._hass.async_add_executor_job(_seen, self._path)
            named = _chosen(self._hass)
            if (seen, named) != (self._seen, self._named):
                found = await self._hass.async_add_executor_job(_read, self._path, vendor)
                self._last = await self._settled(found, named)
                self._seen, self._named = seen, named
        return self._last

    async def forget(self) -> None:
        """Forget what was good: there is no plant left that it would be for."""
        self._good, self._seen = None, None
        _tell(self._hass, {}, ())
        await self._store.async_remove()

    async def _settled(self, found: Profiles, named: Collection[str]) -> Profiles:
        """Keep what is good, and go on with what was good where it is not any more."""
        before = (await self._store.async_load() or {}) if self._good is None else self._good
        missing = sorted(file for file in named if file in before and file not in found.files)
        texts = {
            **{file: before[file] for file in (*found.wrong, *missing) if file in before},
            **found.texts,
        }
        if texts != before:
            await self._store.async_save(texts)
        self._good = texts
        _tell(self._hass, found.wrong, missing)
        return Profiles(texts=texts, wrong=found.wrong, files=found.files)


FOLDER: HassKey[ProfileFolder] = HassKey(f"{DOMAIN}_profiles")


async def async_profiles(hass: HomeAssistant, vendor: Vendor) -> Profiles:
    """Give the owner's own register maps, of a vendor that takes them."""
    if vendor.check_profile is None:
        return Profiles()
    return await hass.data.setdefault(FOLDER, ProfileFolder(hass)).look(vendor)


def async_watch_profiles(
    hass: HomeAssistant, entry: ConfigEntry, vendor: Vendor, used: Mapping[str, str]
) -> None:
    """Set a plant up anew when its owner changes a register map; it is handed back with the old one."""
    if vendor.check_profile is None:
        return

    async def look(_now: datetime) -> None:
        if (await async_profiles(hass, vendor)).texts != used:
            LOGGER.info("%s: the profiles in the config folder have changed", entry.title)
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(async_track_time_interval(hass, look, _LOOK_EVERY, name=f"{entry.title} profiles"))


async def async_forget_profiles(hass: HomeAssistant, removed: ConfigEntry) -> None:
    """Forget all of it with the last plant that it is for."""
    others = (entry for entry in _plants(hass) if entry.entry_id != removed.entry_id)
    if _takes_profiles(removed) and not any(others) and FOLDER in hass.data:
        await hass.data[FOLDER].forget()


def _takes_profiles(entry: ConfigEntry) -> bool:
    return any(vendor.key == entry.data[CONF_VENDOR] and vendor.check_profile for vendor in VENDORS)


def _plants(hass: HomeAssistant) -> list[ConfigEntry]:
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return [entry for entry in entries if _takes_profiles(entry)]


def _chosen(hass: HomeAssistant) -> frozenset[str]:
    """Give the files that plants are to be read by, whatever else there is."""
    keys = {row.key for vendor in VENDORS for row in vendor.options if row.of_files}
    return frozenset(
        f"{entry.options[key]}{_SUFFIX}" for entry in _plants(hass) for key in keys & entry.options.keys()
    )


def _seen(folder: Path) -> _Seen:
    return {path.name: (state.st_mtime_ns, state.st_size) for path, state in _files(folder)}


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """Give the files with what the system knows of them; one that goes meanwhile is not there."""
    found: list[tuple[Path, os.stat_result]] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            state = path.stat()
        except OSError:
            continue
        if path.is_file():
            found.append((path, state))
    return found


def _read(folder: Path, vendor: Vendor) -> Profiles:
    """Read all of them, and have them checked."""
    texts: dict[str, str] = {}
    wrong: dict[str, WrongProfileError] = {}
    check = vendor.check_profile
    for path, _ in _files(folder):
        try:
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                text = file.read(_LONGEST)
            if check is not None:
                check(path.stem, text)
        except OSError as err:
            wrong[path.name] = WrongProfileError(path.stem, 1, 1, "the file", err.strerror or str(err))
        except WrongProfileError as err:
            wrong[path.name] = err
        else:
            texts[path.name] = text
    return Profiles(texts=texts, wrong=wrong, files=(*texts, *wrong))


def _tell(hass: HomeAssistant, wrong: Mapping[str, WrongProfileError], missing: Collection[str]) -> None:
    """Have under Repairs what the owner has to mend, and nothing else."""
    wanted = {f"{PROFILE_WRONG}_{file}": _placeholders(file, err) for file, err in wrong.items()}
    wanted |= {f"{PROFILE_MISSING}_{file}": {"file": file} for file in missing}
    kinds = (f"{PROFILE_WRONG}_", f"{PROFILE_MISSING}_")
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(kinds) and issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, placeholders in wanted.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=PROFILE_WRONG if issue_id.startswith(PROFILE_WRONG) else PROFILE_MISSING,
            translation_placeholders=placeholders,
        )


def _placeholders(file: str, err: WrongProfileError) -> dict[str, str]:
    return {
        "file": file,
        "line": str(err.line),
        "column": str(err.column),
        "field": err.field,
        "problem": err.problem,
    }
