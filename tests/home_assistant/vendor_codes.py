"""The codes with which drivers say why something is not done."""

import ast
from collections.abc import Mapping
from pathlib import Path

from custom_components.energy_storage.vendors.chint.refusals import Refusal as ChintRefusal
from custom_components.energy_storage.vendors.instagen.schedule import Misfit
from custom_components.energy_storage.vendors.instagen.write_guards import Refusal as InstagenRefusal
from custom_components.energy_storage.vendors.sigen.write_guards import Refusal as SigenRefusal

VENDORS = Path(__file__).parents[2] / "custom_components" / "energy_storage" / "vendors"


def not_offered(vendor: str) -> frozenset[str]:
    """Give the codes with which abilities say that a command is not offered."""
    abilities = ast.parse((VENDORS / vendor / "abilities.py").read_text(encoding="utf-8"))
    return frozenset(
        str(call.args[0].value)
        for call in ast.walk(abilities)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "_no"
        and isinstance(call.args[0], ast.Constant)
    )


REFUSALS: Mapping[str, frozenset[str]] = {
    "sigen": frozenset(SigenRefusal) | not_offered("sigen"),
    "chint": frozenset(ChintRefusal),
    "instagen": frozenset(InstagenRefusal) | frozenset(Misfit) | not_offered("instagen"),
}
"""Vendor → its codes."""
ALL_REFUSALS: frozenset[str] = frozenset[str]().union(*REFUSALS.values())
