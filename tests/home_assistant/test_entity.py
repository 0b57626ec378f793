"""How entities are added without keeping the event loop from everything else."""

import asyncio
from collections.abc import Iterable
from functools import partial

from homeassistant.helpers.entity import Entity
import pytest

from custom_components.energy_storage.entity import AT_ONCE, Offer, add_as_they_appear

from .conftest import Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def test_others_have_their_turn_while_entities_are_added(home: Home) -> None:
    """A platform adds a few entities, then lets the loop go on before it adds the next."""
    entities = [Entity() for _ in range(3 * AT_ONCE + 1)]
    added: list[Entity] = []
    seen: set[int] = set()

    def offer() -> Offer:
        yield from ((str(number), partial(entities.__getitem__, number)) for number in range(len(entities)))

    def add(
        new_entities: Iterable[Entity],
        update_before_add: bool = False,  # noqa: ARG001  Home Assistant's signature
        *,
        config_subentry_id: str | None = None,  # noqa: ARG001  Home Assistant's signature
    ) -> None:
        added.extend(new_entities)

    async def look_on() -> None:
        while len(added) < len(entities):
            seen.add(len(added))
            await asyncio.sleep(0)

    await asyncio.gather(look_on(), add_as_they_appear(home.entry, add, offer))
    assert added == entities
    assert {AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE} <= seen
