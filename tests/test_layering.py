"""Who may import whom: the arrows between engine, vendors and Home Assistant point one way."""

import ast
from collections.abc import Iterator
from pathlib import Path
import sys

import pytest

PACKAGE = Path(__file__).parents[1] / "custom_components" / "energy_storage"
NAME = "custom_components.energy_storage"
WIRE = {"modbus_connection", "google", "cryptography", "yaml"}
"""What vendors speak with; YAML finds the line of a mistake in a profile, which is JSON."""
SOLVER = {"numpy", "highspy"}


def imports(path: Path) -> Iterator[str]:
    """Give the absolute name of everything a file imports."""
    here = [NAME, *path.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: -node.level]) + "." if node.level else ""
            yield from (f"{base}{node.module or ''}".rstrip(".") + f".{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    """Give the Python files below a folder of the package."""
    return sorted((PACKAGE / folder).rglob("*.py"))


def foreign(path: Path) -> set[str]:
    """Give the packages outside ours and the standard library that a file imports."""
    tops = {name.partition(".")[0] for name in imports(path)}
    return tops - set(sys.stdlib_module_names) - {"custom_components"}


def ours(path: Path) -> set[str]:
    """Give what a file imports of our own package, relative to it."""
    return {name.removeprefix(f"{NAME}.") for name in imports(path) if name.startswith(f"{NAME}.")}


@pytest.mark.parametrize("path", files("engine"), ids=str)
def test_engine_imports_only_itself(path: Path) -> None:
    """The engine knows neither vendors nor Home Assistant, and its solver only in the optimiser."""
    assert {name.partition(".")[0] for name in ours(path)} <= {"engine"}
    assert foreign(path) <= (SOLVER if "optimiser" in path.parts else set())


@pytest.mark.parametrize("path", files("vendors"), ids=str)
def test_vendors_see_only_the_shared_words_of_the_engine(path: Path) -> None:
    """A vendor speaks its wire library and the shared words, and nothing of Home Assistant."""
    assert all(name.startswith(("vendors.", "engine.plant.", "engine.command.")) for name in ours(path))
    assert foreign(path) <= WIRE


@pytest.mark.parametrize("path", files("vendors"), ids=str)
def test_vendors_do_not_see_each_other(path: Path) -> None:
    """What one vendor does is no business of another; only the registry names them all."""
    folder = path.relative_to(PACKAGE / "vendors").parts[0]
    others = {"sigen", "chint", "instagen", "meters"} - {folder}
    if folder != "__init__.py":
        assert not {name for name in ours(path) if name.split(".")[1] in others}


def test_relative_imports_are_resolved() -> None:
    """The reader above sees through relative imports; without that the other tests would pass blindly."""
    driver = PACKAGE / "vendors" / "sigen" / "driver.py"
    assert "engine.plant.PlantState" in ours(driver)
    assert "vendors.sigen.catalogue.Catalogue" in ours(driver)


def test_engine_and_vendors_are_not_empty() -> None:
    """There is something to judge."""
    assert len(files("engine")) > 1
    assert len(files("vendors")) > 5
