"""The tests of this folder speak with simulated plants on loopback."""

import pytest


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let sockets through."""
