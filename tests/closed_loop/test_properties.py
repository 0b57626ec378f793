"""What holds for every plant, every wish and every day, from the reading to the write and back.

`script/fuzz` looks at many more stories for each property, and at other ones every time.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
import os

from hypothesis import HealthCheck, given, seed, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.command import CommandKind, Guard, Limit
from tests.simulators import plant as simulated
from tests.vendors.sigen.bench import STEP_S

from . import promises
from .claims import MEASURED_W, told as told_of
from .link import Trouble
from .loop import Loop
from .promises import Promise
from .scenario import Mishap, Scenario, Wish
from .stories import REAL_LINKS, scenarios
from .story import Story

SEED = 3
MORE = int(os.environ.get("FUZZ_EXAMPLES", "0"))
EVERYTHING = (*Mishap, *Trouble)
MATTERS = {
    *(
        kind
        for kind in CommandKind
        if kind not in (CommandKind.FEED_IN, CommandKind.ISLAND, CommandKind.RELEASE)
    ),
    *(f"{limit} {Guard.DEVICE}" for limit in (Limit.EXPORT, Limit.IMPORT, Limit.DISCHARGE_CUTOFF)),
    *(f"{limit} {Guard.TRIM}" for limit in (Limit.MAIN_FUSE, Limit.DISCHARGE_CUTOFF)),
    "outage",
}
"""What is proved is not proved of nothing: the stories are full of these."""
RECOVERY_TICKS = 40
"""Of at least 5 s, so that recovery has its time."""

pytestmark = [
    pytest.mark.timeout(0 if MORE else 600),
    pytest.mark.filterwarnings("ignore:It looks like `register_random`"),  # by hypothesis, of hypothesis
]


def examples(number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Look at so many stories, the same ones each time; at others where somebody looks for more."""
    profile = settings(
        max_examples=MORE or number,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    return profile if MORE else lambda test: seed(SEED)(settings(profile, database=None)(test))


def told(scenario: Scenario) -> Story:
    """Let a story happen."""
    return asyncio.run(Loop(scenario).live())


def keeps(story: Story, *all_of: Promise) -> None:
    """Hold a story to promises."""
    for promise in all_of:
        broken = next(promise(story), None)
        assert broken is None, f"{promise.__name__}: {broken}"


def sights(story: Story) -> Iterator[str]:
    """Name what could be seen in a story."""
    for moment in story.moments:
        view = moment.view
        yield view.decision.control
        if view.holding.command is not None:
            yield view.holding.command.kind
        yield from (f"{limit} {guard}" for limit, guard in view.decision.guards.items())
        yield "grid" if moment.now.grid else "outage"


def test_on_an_ideal_link_every_limit_holds_at_once() -> None:
    """Right after each cycle, whatever house, sun and owner do; and the floor all the time."""
    seen: Counter[str] = Counter()

    @given(scenarios(kinds=(Mishap.GRID_LOST, Mishap.KILLED, Mishap.SOC_MISSING)))
    @examples(50)
    def holds(scenario: Scenario) -> None:
        story = told(scenario)
        seen.update(sights(story))
        keeps(story, promises.at_once, promises.stays_above_floor)

    holds()
    assert seen.keys() >= MATTERS


@given(scenarios(REAL_LINKS, kinds=(Mishap.GRID_LOST,)))
@examples(30)
def test_on_a_real_link_every_limit_holds_in_time(scenario: Scenario) -> None:
    """A step in the house passes one for no longer than we need to react, and one more cycle."""
    keeps(told(scenario), promises.in_time, promises.stays_above_floor)


@given(scenarios(REAL_LINKS, kinds=EVERYTHING))
@examples(30)
def test_whatever_goes_wrong_limits_hold_again_in_time(scenario: Scenario) -> None:
    """And to a plant that somebody else controls nothing is written."""
    keeps(told(scenario), promises.in_time, promises.stays_above_floor, promises.leaves_alone)


@given(
    scenarios(
        REAL_LINKS.map(lambda link: replace(link, loss=0.0)),
        kinds=EVERYTHING,
        lasting=st.just(25 + RECOVERY_TICKS),
        quiet=RECOVERY_TICKS,
    )
)
@examples(22)
def test_two_minutes_after_a_fault_all_is_well(scenario: Scenario) -> None:
    """The plant does what is decided, or runs its own program."""
    keeps(told(scenario), promises.ends_well)


@given(scenarios(kinds=(Mishap.GRID_LOST,), lasting=st.just(60), writes_before=st.integers(240, 250)))
@examples(18)
def test_writes_stay_within_pace_and_budget(scenario: Scenario) -> None:
    """A minute between what lets more flow; with the budget of a day spent, only less."""
    keeps(told(scenario), promises.takes_its_time, promises.spares_the_flash)


@given(scenarios(kinds=(Mishap.GRID_LOST,), lasting=st.integers(1, 30)))
@examples(50)
def test_a_plant_that_is_left_alone_keeps_its_limits(scenario: Scenario) -> None:
    """For a day with a heavy load and an hour without a grid, after any cycle."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "_LONGEST_STEP_S", STEP_S)
        keeps(told(scenario), promises.left_alone)


@given(
    scenarios(),
    st.sampled_from(("export_limit_w", "import_limit_w")),
    st.sampled_from((0.0, 500.0, 1500.0, 3000.0)),
    st.integers(2, 35),
)
@examples(14)
def test_a_tightened_limit_never_lets_more_flow(
    scenario: Scenario, name: str, limit_w: float, tick: int
) -> None:
    """Of what it forbids, compared with the same house without the change."""
    before = tuple(wish for wish in scenario.wishes if wish.tick < tick)
    wide = told(replace(scenario, wishes=before))
    was_w = getattr(wide.moments[tick - 1].settings, name)
    tight_w = limit_w if was_w is None else min(limit_w, was_w)
    wish = Wish(tick=tick, settings={name: tight_w})
    tight = told(replace(scenario, wishes=(*before, wish)))
    sign = -1 if name == "export_limit_w" else 1
    for one, other in zip(wide.moments[tick:], tight.moments[tick:], strict=True):
        before_w, after_w = (max(tight_w, sign * at.now.flows.grid_w) for at in (one, other))
        assert after_w <= before_w + MEASURED_W, told_of(other, other.now)


@given(scenarios(REAL_LINKS, kinds=EVERYTHING))
@examples(5)
def test_the_same_story_ends_the_same(scenario: Scenario) -> None:
    """Nothing depends on anything that is not in it."""
    once, again = told(scenario), told(scenario)
    assert [moment.turns for moment in once.moments] == [moment.turns for moment in again.moments]
    assert [moment.later for moment in once.moments] == [moment.later for moment in again.moments]
