"""PV power from the position of the sun and seeded clouds."""

from dataclasses import dataclass
from functools import lru_cache
from math import asin, atan2, cos, degrees, exp, pi, radians, sin

from .curves import Curve, noise

_CLEAR_SKY_STEP_S = 60
_SYSTEM_EFFICIENCY = 0.88
_DIFFUSE_SHARE = 0.15
_MOST_BEAM_W_PER_M2 = 950.0


@lru_cache(maxsize=16)
def sun_position(epoch_s: int, latitude: float, longitude: float) -> tuple[float, float]:
    """Elevation, and azimuth clockwise from north, both in degrees, to about half a degree."""
    day = epoch_s / 86_400 - 10_957.5  # days since noon UTC of 2000-01-01
    mean_longitude = radians((280.46 + 0.9856474 * day) % 360)
    anomaly = radians((357.528 + 0.9856003 * day) % 360)
    ecliptic = mean_longitude + radians(1.915) * sin(anomaly) + radians(0.02) * sin(2 * anomaly)
    tilt = radians(23.439)
    declination = asin(sin(tilt) * sin(ecliptic))
    right_ascension = atan2(cos(tilt) * sin(ecliptic), cos(ecliptic))
    sidereal = radians((280.46062 + 360.98564737 * day + longitude) % 360)
    hour_angle = sidereal - right_ascension
    north = radians(latitude)
    elevation = asin(
        sin(north) * sin(declination) + cos(north) * cos(declination) * cos(hour_angle),
    )
    azimuth = atan2(
        -cos(declination) * sin(hour_angle),
        sin(declination) * cos(north) - cos(declination) * sin(north) * cos(hour_angle),
    )
    return degrees(elevation), degrees(azimuth) % 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """One string of modules: where it is, how it lies, what it gives under the standard sun."""

    latitude: float
    longitude: float
    peak_w: float
    azimuth_deg: float = 180.0
    """Direction that it faces, clockwise from north."""
    tilt_deg: float = 35.0

    def clear_sky_w(self, epoch_s: int) -> float:
        """Power under a cloudless sky."""
        elevation, azimuth = sun_position(epoch_s, self.latitude, self.longitude)
        if elevation <= 0:
            return 0.0
        height = sin(radians(elevation))
        horizontal = 1098 * height * exp(-0.057 / height)
        beam = min(horizontal * (1 - _DIFFUSE_SHARE) / height, _MOST_BEAM_W_PER_M2)
        tilt = radians(self.tilt_deg)
        incidence = height * cos(tilt) + cos(asin(height)) * sin(tilt) * cos(
            radians(azimuth - self.azimuth_deg),
        )
        plane = beam * max(0.0, incidence) + horizontal * _DIFFUSE_SHARE * (1 + cos(tilt)) / 2
        return self.peak_w * plane / 1000 * _SYSTEM_EFFICIENCY

    def curve(self) -> Curve:
        """Clear-sky power over time."""
        return Curve(lambda index: self.clear_sky_w(index * _CLEAR_SKY_STEP_S), _CLEAR_SKY_STEP_S)


class Sky:
    """What the clouds let through: fair and dull days, passing clouds, and a flicker."""

    def __init__(self, seed: int, cloudiness: float) -> None:
        """Cloudiness 0 is a clear sky, 1 the weather of a changeable week."""
        self._cloudiness = cloudiness
        self._layers = (
            (0.55, noise(seed, 80_000)),
            (0.25, noise(seed + 1, 5_000)),
            (0.20, noise(seed + 2, 240)),
        )
        self._flicker = noise(seed + 3, 11)

    def transmission(self, epoch_s: float) -> float:
        """Share of the clear-sky power that reaches the modules."""
        cover = sum(weight * layer.at(epoch_s) for weight, layer in self._layers)
        shade = 0.85 * (1 - cos(pi * cover)) / 2
        return (1 - self._cloudiness * shade) * (0.98 + 0.02 * self._flicker.at(epoch_s))
