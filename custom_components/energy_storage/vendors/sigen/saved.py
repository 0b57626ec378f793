"""Reads what an earlier session saved; whatever makes no sense counts as unknown."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ...engine.plant import Identity
from ..driver import DriverState
from .facts import Facts
from .version import Version


def version_from(saved: DriverState) -> Version | None:
    """Give the protocol version."""
    name = saved.get("version")
    return Version[name] if isinstance(name, str) and name in Version.__members__ else None


def time_from(saved: DriverState) -> datetime | None:
    """Give when the firmware was last asked for what it lacks."""
    text = saved.get("asked_at")
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)


def identity_from(saved: DriverState, unit_id: int) -> Identity | None:
    """Give who the inverter with this unit id said it was."""
    who = _mapping(_mapping(saved.get("identities")).get(str(unit_id)))
    texts = {name: _text(who.get(name)) for name in ("serial", "model", "firmware")}
    return Identity(**texts) if any(texts.values()) else None


def facts_from(saved: DriverState, device: str) -> Facts:
    """Give what is fitted to an inverter."""
    known = _mapping(_mapping(saved.get("facts")).get(device))
    return Facts(
        output_type=_text(known.get("output_type")),
        pack_count=_count(known.get("pack_count")),
        pv_string_count=_count(known.get("pv_string_count")),
        dc_charger=known.get("dc_charger") is True,
    )


def names_from(saved: DriverState) -> dict[str, set[str]]:
    """Give the registers that each device refused."""
    missing = _mapping(saved.get("missing"))
    return {
        key: {name for name in names if isinstance(name, str)}
        for key, names in missing.items()
        if isinstance(key, str) and isinstance(names, list)
    }


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
