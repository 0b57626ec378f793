"""Single stories in which every step counts."""

import asyncio

from custom_components.energy_storage.engine.command import CommandKind
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .link import Link, Trouble
from .loop import Loop
from .scenario import Fault, Mishap, Scenario, Stretch, Values, Wish
from .story import Moment, Story

NEW = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=50.0, backup_supply=False, three_phase=False))
REAL = Link(spacing_s=1.0, answer_s=0.1, enter_s=3.0)
OUT = (Stretch(seconds=1e6, load_w=3_000.0, pv_w=0.0),)
ON: Values = {"control": "on", "outage_consent": True, "unattended_consent": True}


def told(scenario: Scenario) -> Story:
    """Let a story happen."""
    return asyncio.run(Loop(scenario).live())


def when(story: Story, kind: CommandKind) -> Moment:
    """Give the first cycle after which the plant held such a command for certain."""
    return next(
        moment
        for moment in story.moments
        if moment.view.holding.confirmed
        and moment.view.holding.command is not None
        and moment.view.holding.command.kind is kind
    )


def test_a_limit_is_narrowed_soon_after_a_lost_link() -> None:
    """Writes were lost more than once; the first one that is heard again comes within some seconds."""
    reserve = Wish(tick=4, settings={"backup_reserve_soc_pct": 60.0})
    lost = Fault(what=Trouble.LOST_WRITES, tick=4, ticks=6)
    settings = {**ON, "max_charge_w": 4_000.0}  # so that the plant is in remote control already
    story = told(
        Scenario(plant=NEW, link=REAL, settings=settings, house=OUT, wishes=(reserve,), faults=(lost,))
    )
    assert len(story.failed_at) > 1
    assert when(story, CommandKind.HOLD).now.at_s <= max(story.failed_at) + 20


def test_what_is_killed_between_two_writes_goes_on_where_it_was() -> None:
    """After any request of a sequence; the next life finds what the first has begun."""
    charge = Wish(tick=3, override="force_charge", asked={"from_grid": True, "power_w": 2_000.0})
    for requests in range(12):
        killed = Fault(what=Mishap.KILLED, tick=3, ticks=2, value=requests)
        story = told(
            Scenario(plant=NEW, link=REAL, settings=ON, wishes=(charge,), faults=(killed,), ticks=16)
        )
        last = story.moments[-1]
        held = last.view.holding.command
        assert last.view.holding.confirmed, requests
        assert held == last.view.decision.command, requests
