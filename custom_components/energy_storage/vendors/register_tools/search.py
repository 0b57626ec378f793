"""Finds declared registers by what is known of them: by keyword and by group, as vendors' portals do."""

from collections.abc import Iterable

from ..raw_access import DeclaredRow


def search(
    rows: Iterable[DeclaredRow], *, keyword: str = "", group: str = "", device: str | None = None
) -> tuple[DeclaredRow, ...]:
    """Give the rows of the group that have every word of `keyword` in name, unit, group or address."""
    words = keyword.casefold().split()
    wanted = _plain(group)
    return tuple(
        row
        for row in rows
        if device in (None, row.device)
        and (not wanted or wanted in _plain(row.group))
        and all(any(word in text for text in _texts(row)) for word in words)
    )


def groups_of(rows: Iterable[DeclaredRow]) -> tuple[str, ...]:
    """Give the groups that there are, in the order of the rows."""
    return tuple(dict.fromkeys(row.group for row in rows))


def _plain(text: str) -> str:
    return text.casefold().replace("_", " ").strip()


def _texts(row: DeclaredRow) -> tuple[str, ...]:
    name, unit = row.name.casefold(), (row.unit or "").casefold()
    return (name, _plain(name), unit, _plain(row.group), str(row.address), f"0x{row.address:04x}")
