"""The pictures beside the integration's name."""

from pathlib import Path
import runpy

from PIL import Image, ImageChops
import pytest

ROOT = Path(__file__).parent.parent
BRAND = ROOT / "custom_components/energy_storage/brand"
ICONS = {"icon.png": 256, "icon@2x.png": 512, "dark_icon.png": 256, "dark_icon@2x.png": 512}
LOGOS = {"logo.png": 128, "logo@2x.png": 256, "dark_logo.png": 128, "dark_logo@2x.png": 256}
VISIBLE_DIFFERENCE = 24
"""Scaling may round differently in another release of the imaging library; nobody sees that."""


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    """Draw all pictures anew."""
    pictures: dict[str, Image.Image] = runpy.run_path(str(ROOT / "script/brand.py"))["pictures"]()
    return pictures


def test_every_picture_is_there() -> None:
    """Home Assistant finds icon and logo for both themes and both densities, nothing else."""
    assert {path.name for path in BRAND.iterdir()} == set(ICONS) | set(LOGOS)


@pytest.mark.parametrize(("name", "side"), sorted(ICONS.items()))
def test_icons_have_the_size_that_home_assistant_asks_for(name: str, side: int) -> None:
    """An icon is a transparent square."""
    with Image.open(BRAND / name) as picture:
        assert (picture.size, picture.mode) == ((side, side), "RGBA")


@pytest.mark.parametrize(("name", "height"), sorted(LOGOS.items()))
def test_logos_have_the_size_that_home_assistant_asks_for(name: str, height: int) -> None:
    """A logo is transparent, lies flat, and its shorter side is the one that counts."""
    with Image.open(BRAND / name) as picture:
        assert picture.mode == "RGBA"
        assert min(picture.size) == picture.height == height


@pytest.mark.parametrize("name", [*ICONS, *LOGOS])
def test_pictures_are_those_that_the_script_draws(drawn: dict[str, Image.Image], name: str) -> None:
    """Nobody can change a picture by hand and lose the way back."""
    with Image.open(BRAND / name) as kept:
        bands = ImageChops.difference(kept, drawn[name]).split()
    assert not any(pixels for band in bands for pixels in band.histogram()[VISIBLE_DIFFERENCE:])
