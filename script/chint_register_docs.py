"""Writes docs/registers/chint.md from the profiles: `python -m script.chint_register_docs`."""

from pathlib import Path

from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.profile import Evidence, Profile, Row, Span

PAGE = Path(__file__).parents[1] / "docs" / "registers" / "chint.md"
_HEAD = """\
# Registers of Chint plants

Made from the profiles in `custom_components/energy_storage/vendors/chint/profiles/`; do not edit by hand.
`schema.json` beside them says what a profile may say; owners can put a corrected one into
`energy_storage/profiles` in Home Assistant's configuration folder.

*Scale* is the value of one raw step in the unit shown. *Evidence*: **proven** was tried on a device,
**documented** is written down in public, **manual** stands in the maker's manual, **assumed** is guessed:
not read until its owner wants that, and never written. *Sign* is `?` where nobody knows which way a value
counts. Import, discharging and generation are positive.
"""
_COLUMNS = "| Address | Words | Type | Scale | Unit | Sign | Access | Evidence | Name | Maker's name |"


def page() -> str:
    """Write the page."""
    return "\n".join([_HEAD, *(_profile(profile) for profile in shipped().values())])


def _profile(profile: Profile) -> str:
    parts = [f"## `{profile.key}`: {profile.title}\n"]
    parts += [f"- {name}: {what}" for name, what in profile.sources.items()]
    parts.append("")
    parts += [_span(profile, span) for span in profile.spans]
    for kind, recipe in profile.commands.items():
        steps = ", ".join(f"`{step.row}` := {step.value}" for step in recipe)
        parts.append(f"- Recipe for `{kind}`: {steps}")
    return "\n".join([*parts, ""])


def _span(profile: Profile, span: Span) -> str:
    rows = sorted((row for row in profile.rows.values() if span.holds(row)), key=lambda row: row.address)
    head = f"### {span.name}, {span.space} 0x{span.first:04X} to 0x{span.last:04X}\n"
    ruler = "|" + "---|" * _COLUMNS.count(" | ") + "---|"
    return "\n".join([head, _COLUMNS, ruler, *(_row(row) for row in rows), ""])


def _row(row: Row) -> str:
    sign = "?" if row.sign is None else "" if row.sign == 1 else "turned"
    cells = (
        f"0x{row.address:04X}",
        row.count,
        row.type,
        f"{row.scale:g}",
        row.unit or "",
        sign,
        "RW" if row.writable else "R",
        f"*{row.evidence}*" if row.evidence is Evidence.ASSUMED else row.evidence.value,
        row.name,
        row.maker or "",
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
