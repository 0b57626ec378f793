"""Finding out the protocol version."""

import pytest

from custom_components.energy_storage.vendors.sigen.version import PROBES, Version, VersionSearch


def search(device: Version, at_least: Version = Version.V1_8) -> tuple[Version, int]:
    """Ask a device of this version; give what was found and the number of probes."""
    versions = {probe: version for version, probe in PROBES.items()}
    looking, probes = VersionSearch(at_least), 0
    while (found := looking.found) is None:
        looking.learn(answered=versions[looking.probe] <= device)
        probes += 1
    return found, probes


@pytest.mark.parametrize("version", Version)
def test_every_version_is_found_with_three_probes_at_most(version: Version) -> None:
    """Set-up has few requests, so a search may not take more."""
    found, probes = search(version)
    assert found is version
    assert probes <= 3


def test_the_newest_version_takes_two_probes() -> None:
    """Most plants run new firmware."""
    assert search(Version.V2_9) == (Version.V2_9, 2)


def test_nothing_newer_than_the_newest_is_looked_for() -> None:
    """A plant of the newest version is not probed again."""
    assert search(Version.V2_9, Version.V2_9) == (Version.V2_9, 0)
