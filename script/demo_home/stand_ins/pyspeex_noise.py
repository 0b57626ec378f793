"""Stands in for a voice package that comes as C source: the demo's house has no microphone."""


class AudioProcessor:
    """Would take noise out of speech."""

    def __init__(self, auto_gain: int, noise_suppression: int) -> None:
        """Refuse: nobody in the demo speaks."""
        raise RuntimeError(f"the demo has no voice assistant ({auto_gain=}, {noise_suppression=})")
