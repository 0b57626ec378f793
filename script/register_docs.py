"""Writes the pages of docs/registers from the tables of readings: `python -m script.register_docs`."""

from pathlib import Path

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.fields import Field, Table, fields_of
from custom_components.energy_storage.vendors.instagen.readings import ROWS, Row, address_of
from custom_components.energy_storage.vendors.sigen.registers import TABLES

PAGE = Path(__file__).parents[1] / "docs" / "registers" / "sigen.md"
MESSAGES_PAGE = PAGE.with_name("instagen.md")
_MESSAGES_HEAD = """\
# What Instagen plants say

Made from the table in `custom_components/energy_storage/vendors/instagen/readings.py`; do not edit by hand.
A stick speaks in protobuf messages, see `storage.proto` beside that file. *Member* is the path in the live
data of an inverter (command C3 03), or in the registry (C3 02); `*` adds up phases or inputs, a number picks
the one that calls itself so. *Numbers* are the member's numbers along that path, two digits each. *Scale* is
the value of one raw step in the unit shown. *Inferred*: nobody has seen on a device that it is so.
"""
_HEAD = """\
# Registers of Sigen plants

Made from the tables in `custom_components/energy_storage/vendors/sigen/registers/`; do not edit by hand.
*Scale* is the value of one raw step in the unit shown. *Since* is the first protocol version that has the
register, as far as versions can be told apart: V2.4 stands for V2.0 to V2.4, blank for V1.8 and older.
Signs are the maker's: charging is positive here, and turned round in readings.
"""


def page() -> str:
    """Write the page."""
    parts = [_HEAD]
    for kind, tables in TABLES.items():
        parts.append(f"## {kind.replace('_', ' ').capitalize()}\n")
        parts += [_section(table) for table in tables]
    return "\n".join(parts)


def _section(table: type[Table]) -> str:
    doc = " ".join((table.__doc__ or "").split())
    head = (
        "| Address | Words | Type | Scale | Unit | Access | Since | Name |\n|---|---|---|---|---|---|---|---|"
    )
    rows = "\n".join(_row(table, name, field) for name, field in fields_of(table).items())
    return f"### {table.__name__}\n\n{doc} Read as {table.register_space} registers.\n\n{head}\n{rows}\n"


def _row(table: type[Table], name: str, field: Field) -> str:
    access = "WO" if table.write_only else "RW" if field.writable else "RO"
    since = f"V{field.since // 10}.{field.since % 10}" if field.since else ""
    cells = (
        field.address,
        field.count,
        field.kind,
        f"{field.scale:g}",
        field.unit or "",
        access,
        since,
        name,
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def messages_page() -> str:
    """Write the page of what Instagen plants say in messages."""
    head = "| Member | Numbers | Scale | Unit | Known | Name |\n|---|---|---|---|---|---|"
    parts = [_MESSAGES_HEAD]
    for kind in DeviceKind:
        rows = [_message_row(row) for row in ROWS if row.kind is kind]
        if rows:
            parts.append("\n".join((f"## {kind.replace('_', ' ').capitalize()}\n", head, *rows, "")))
    return "\n".join(parts)


def _message_row(row: Row) -> str:
    member = f"registry: {row.path}" if row.of_registry else row.path
    known = "" if row.point(row.kind).confirmed else "inferred"
    cells = (f"`{member}`", address_of(row), f"{abs(row.scale):g}", row.unit or "", known, row.key)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    MESSAGES_PAGE.write_text(messages_page(), encoding="utf-8")
