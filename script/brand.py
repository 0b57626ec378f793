"""Draw the integration's icon and logo: usage `script/brand.py [FOLDER]`.

The art is a house that holds a battery, with the sun behind its roof. Everything is drawn here, on a
canvas several times too large, then scaled down, so that all sizes have smooth edges.
"""

from dataclasses import dataclass
import itertools
import math
from pathlib import Path
import sys

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).parent.parent / "custom_components/energy_storage/brand"

type Colour = str
type Point = tuple[float, float]
type Box = tuple[float, float, float, float]

OVERSAMPLING = 8
GRID = 512
"""The icon's own coordinates run from 0 to here, whatever its size in pixels."""
LOGO_HEIGHT = 256
LOGO_WORDS = "Energy Storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one theme."""

    house: Colour
    battery: Colour
    charge: Colour
    bolt: Colour
    sun: Colour
    words: Colour


LIGHT = Palette(
    house="#12506B", battery="#FFFFFF", charge="#35B779", bolt="#FFFFFF", sun="#F7A823", words="#12394A"
)
DARK = Palette(
    house="#2C7DA0", battery="#FFFFFF", charge="#2FA96D", bolt="#FFFFFF", sun="#FFBF47", words="#EEF4F6"
)

HOUSE: tuple[Point, ...] = ((228, 84), (450, 284), (450, 500), (6, 500), (6, 284))
HOUSE_CORNER = 36
SUN_CENTRE: Point = (372, 150)
SUN_RADIUS = 66
SUN_RAYS_DEG = (-120, -96, -72, -48, -24, 0, 24)
"""Those above the roof; the one in the middle stands upright on it."""
SUN_RAY: tuple[float, float, float] = (90, 120, 19)
"""From this radius to that one, so wide."""
SUN_GAP = 22
BATTERY: Box = (132, 218, 324, 466)
BATTERY_POLE: Box = (190, 188, 266, 230)
BATTERY_WALL = 21
CHARGE_LEVEL = 0.76
BOLT: tuple[Point, ...] = ((246, 256), (176, 362), (220, 362), (207, 440), (280, 332), (235, 332))


class Canvas:
    """A transparent picture in the icon's coordinates."""

    def __init__(self, pixels: int) -> None:
        """Make it larger than asked for by the oversampling."""
        self._pixels = pixels
        self._scale = pixels * OVERSAMPLING / GRID
        self._image = Image.new("RGBA", (pixels * OVERSAMPLING, pixels * OVERSAMPLING))
        self._draw = ImageDraw.Draw(self._image)

    def rounded_polygon(self, points: tuple[Point, ...], radius: float, colour: Colour) -> None:
        """Fill a convex polygon whose corners are points, rounded by a pen of this radius."""
        self.polygon(points, colour)
        for start, end in itertools.pairwise([*points, points[0]]):
            dx, dy = (radius * part for part in _inward(start, end))
            outer = ((end[0] - dx, end[1] - dy), (start[0] - dx, start[1] - dy))
            self.polygon((start, end, *outer), colour)
        for point in points:
            self.disc(point, radius, colour)

    def polygon(self, points: tuple[Point, ...], colour: Colour) -> None:
        """Fill a polygon with sharp corners."""
        self._draw.polygon([self._at(point) for point in points], fill=colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        self._draw.circle(self._at(centre), radius * self._scale, fill=colour)

    def box(self, box: Box, radius: float, colour: Colour) -> None:
        """Fill a rectangle with round corners."""
        left, top, right, bottom = (side * self._scale for side in box)
        self._draw.rounded_rectangle((left, top, right, bottom), radius * self._scale, fill=colour)

    def ray(self, centre: Point, angle: float, colour: Colour) -> None:
        """Draw one ray of the sun with round ends."""
        inner, outer, width = SUN_RAY
        ends: list[Point] = [
            (centre[0] + length * math.cos(angle), centre[1] + length * math.sin(angle))
            for length in (inner, outer)
        ]
        self._draw.line([self._at(end) for end in ends], fill=colour, width=round(width * self._scale))
        for end in ends:
            self.disc(end, width / 2, colour)

    def finished(self) -> Image.Image:
        """Scale it down to the size that was asked for."""
        return self._image.reduce(OVERSAMPLING)

    def _at(self, point: Point) -> Point:
        return point[0] * self._scale, point[1] * self._scale


def icon(pixels: int, palette: Palette) -> Image.Image:
    """Draw the icon."""
    canvas = Canvas(pixels)
    canvas.disc(SUN_CENTRE, SUN_RADIUS, palette.sun)
    for angle in SUN_RAYS_DEG:
        canvas.ray(SUN_CENTRE, math.radians(angle), palette.sun)
    body = _shrunk(HOUSE, HOUSE_CORNER)
    canvas.rounded_polygon(body, HOUSE_CORNER + SUN_GAP, "#00000000")
    canvas.rounded_polygon(body, HOUSE_CORNER, palette.house)

    canvas.box(BATTERY_POLE, 14, palette.battery)
    canvas.box(BATTERY, 34, palette.battery)
    left, top, right, bottom = BATTERY
    inside = bottom - top - 2 * BATTERY_WALL
    canvas.box(
        (left + BATTERY_WALL, top + BATTERY_WALL, right - BATTERY_WALL, bottom - BATTERY_WALL),
        18,
        palette.house,
    )
    canvas.box(
        (
            left + BATTERY_WALL,
            bottom - BATTERY_WALL - CHARGE_LEVEL * inside,
            right - BATTERY_WALL,
            bottom - BATTERY_WALL,
        ),
        18,
        palette.charge,
    )
    canvas.polygon(BOLT, palette.bolt)
    return canvas.finished()


def logo(height: int, palette: Palette) -> Image.Image:
    """Draw the icon with the name beside it."""
    mark = icon(height, palette)
    big = height * OVERSAMPLING
    font = ImageFont.load_default(size=big * 0.42)  # Pillow's own: the same letters on every machine
    box = font.getbbox(LOGO_WORDS, stroke_width=big // 110)
    words = Image.new("RGBA", (math.ceil((box[2] - box[0]) / OVERSAMPLING) * OVERSAMPLING, big))
    ImageDraw.Draw(words).text(
        (-box[0], big * 0.56),
        LOGO_WORDS,
        fill=palette.words,
        font=font,
        anchor="lm",
        stroke_width=big // 110,
        stroke_fill=palette.words,
    )
    words = words.reduce(OVERSAMPLING)
    gap = height // 10
    picture = Image.new("RGBA", (mark.width + gap + words.width, height))
    picture.alpha_composite(mark)
    picture.alpha_composite(words, (mark.width + gap, 0))
    return picture


def _shrunk(points: tuple[Point, ...], margin: float) -> tuple[Point, ...]:
    """Move every corner of a convex polygon inwards, so that all sides come `margin` closer."""
    sides = list(itertools.pairwise([*points, points[0]]))
    corners: list[Point] = []
    for number, corner in enumerate(points):
        (ax, ay), (bx, by) = (_inward(*side) for side in (sides[number - 1], sides[number]))
        factor = margin / (1 + ax * bx + ay * by)
        corners.append((corner[0] + (ax + bx) * factor, corner[1] + (ay + by) * factor))
    return tuple(corners)


def _inward(start: Point, end: Point) -> Point:
    """Give the unit vector that points into a polygon whose corners run clockwise on the screen."""
    length = math.dist(start, end)
    return -(end[1] - start[1]) / length, (end[0] - start[0]) / length


def pictures() -> dict[str, Image.Image]:
    """Draw every picture that Home Assistant looks for, by file name."""
    drawn: dict[str, Image.Image] = {}
    for prefix, palette in (("", LIGHT), ("dark_", DARK)):
        for suffix, factor in (("", 1), ("@2x", 2)):
            drawn[f"{prefix}icon{suffix}.png"] = icon(256 * factor, palette)
            drawn[f"{prefix}logo{suffix}.png"] = logo(LOGO_HEIGHT // 2 * factor, palette)
    return drawn


def main() -> None:
    """Write all pictures into the folder given, or into the integration."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures().items():
        picture.save(folder / name, optimize=True)
        print(f"{name}: {picture.width} x {picture.height}")


if __name__ == "__main__":
    main()
