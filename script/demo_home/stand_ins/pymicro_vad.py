"""Stands in for a voice package that comes as C source: the demo's house has no microphone."""


class MicroVad:
    """Would tell speech from noise."""

    def __init__(self) -> None:
        """Refuse: nobody in the demo speaks."""
        raise RuntimeError("the demo has no voice assistant")
