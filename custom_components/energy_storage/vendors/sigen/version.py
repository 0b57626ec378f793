"""Which protocol version a plant speaks: no register says so, but newer ones answer at more addresses."""

from enum import IntEnum


class Version(IntEnum):
    """Protocol versions that can be told apart."""

    V1_8 = 18
    """And older."""
    V2_4 = 24
    """V2.0 to V2.4."""
    V2_5 = 25
    V2_6 = 26
    V2_7 = 27
    V2_8 = 28
    V2_9 = 29


PROBES = {
    Version.V2_4: (30072, 1),
    Version.V2_5: (30087, 1),
    Version.V2_6: (30088, 4),
    Version.V2_7: (30194, 2),
    Version.V2_8: (30284, 2),
    Version.V2_9: (30272, 2),
}
"""Address and count, on the plant's unit, that this version and all newer ones answer."""


class VersionSearch:
    """Finds the version with as few probes as possible; the newer ones, being likelier, come first."""

    def __init__(self, at_least: Version = Version.V1_8) -> None:
        """Begin with what is known for certain."""
        self._candidates = [version for version in Version if version >= at_least]

    @property
    def found(self) -> Version | None:
        """The version, once no doubt is left."""
        return self._candidates[0] if len(self._candidates) == 1 else None

    @property
    def probe(self) -> tuple[int, int]:
        """What to ask for next: address and count."""
        return PROBES[self._candidates[self._pivot]]

    def learn(self, *, answered: bool) -> None:
        """Take in whether the probe was answered."""
        pivot = self._pivot
        self._candidates = self._candidates[pivot:] if answered else self._candidates[:pivot]

    @property
    def _pivot(self) -> int:
        return (len(self._candidates) + 1) // 2
