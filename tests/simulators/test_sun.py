"""The sun stands where it should and the clouds are seeded."""

from datetime import UTC, datetime

import pytest

from tests.simulators.sun import Roof, Sky, sun_position


@pytest.mark.parametrize(
    ("moment", "latitude", "elevation"),
    [
        (datetime(2026, 6, 21, 12, tzinfo=UTC), 52.5, 60.9),
        (datetime(2026, 12, 21, 12, tzinfo=UTC), 52.5, 14.1),
        (datetime(2026, 3, 20, 12, tzinfo=UTC), 0.0, 88.0),
    ],
)
def test_noon_elevation_follows_season_with_latitude(
    moment: datetime, latitude: float, elevation: float
) -> None:
    """At noon the sun stands at 90° less latitude plus declination."""
    assert sun_position(int(moment.timestamp()), latitude, 0.0)[0] == pytest.approx(elevation, abs=0.6)


def test_sun_moves_from_east_to_west() -> None:
    """Morning sun stands in the east, evening sun in the west."""
    morning, evening = (int(datetime(2026, 6, 21, hour, tzinfo=UTC).timestamp()) for hour in (6, 18))
    assert 50 < sun_position(morning, 52.5, 0.0)[1] < 110
    assert 250 < sun_position(evening, 52.5, 0.0)[1] < 310


def test_roof_gives_nothing_at_night() -> None:
    """Below the horizon there is no power; at noon there is most of the peak."""
    roof = Roof(latitude=52.5, longitude=13.4, peak_w=10_000)
    assert roof.clear_sky_w(int(datetime(2026, 6, 21, 23, tzinfo=UTC).timestamp())) == 0
    assert 7_000 < roof.clear_sky_w(int(datetime(2026, 6, 21, 11, tzinfo=UTC).timestamp())) < 10_000


def test_east_roof_peaks_before_west_roof() -> None:
    """In the morning an east roof gives more than a west roof."""
    moment = int(datetime(2026, 6, 21, 7, tzinfo=UTC).timestamp())
    east, west = (Roof(latitude=52.5, longitude=13.4, peak_w=5_000, azimuth_deg=a) for a in (90.0, 270.0))
    assert east.clear_sky_w(moment) > 2 * west.clear_sky_w(moment)


def test_clear_sky_lets_light_through() -> None:
    """Without cloudiness only the flicker is lost; with it some of the days are dull."""
    start = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
    moments = range(start, start + 20 * 86_400, 1_800)
    assert min(Sky(3, 0).transmission(moment) for moment in moments) > 0.97
    cloudy = [Sky(3, 1).transmission(moment) for moment in moments]
    assert min(cloudy) < 0.4
    assert max(cloudy) > 0.8
