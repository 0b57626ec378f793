"""Draws scenarios: any plant, any settings, any day, and what goes wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from custom_components.energy_storage.engine.documents import Documents, Outage
from custom_components.energy_storage.engine.schedule import Action, Gap, Period, Schedule
from custom_components.energy_storage.engine.settings import BASE_MODES
from custom_components.energy_storage.engine.windows import Window
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .link import Link, Trouble
from .scenario import Fault, Mishap, Scenario, Stretch, Values, Wish
from .world import START

_MINUTE = timedelta(minutes=1)


def _in_turns(periods: list[Period | None]) -> tuple[Period, ...]:
    """Let one period follow the other, two minutes each; None is a gap."""
    first = START.hour * 60
    return tuple(
        replace(period, window=Window(start_min=first + 2 * number, end_min=first + 2 * number + 2))
        for number, period in enumerate(periods)
        if period is not None
    )


FIRMWARE = st.sampled_from(("SPC114", "SPC114", "SPC114", "SPC113", "SPC112", "SPC104"))
MOSTLY = st.sampled_from((True,) * 7 + (False,))
LIMITS = st.sampled_from((None, None, 0.0, 500.0, 1500.0, 3000.0, 4500.0, 7000.0))
CEILINGS = st.sampled_from((None, None, None, None, None, None, None, 0.0, 1500.0, 4500.0))
SOC = st.one_of(
    st.sampled_from((5.2, 10.4, 20.3, 30.3, 79.8, 99.5)),
    *[st.integers(150, 950).map(lambda tenths: tenths / 10)] * 2,
)
ASKED = st.sampled_from((500.0, 1500.0, 3000.0, 4500.0, 8000.0))
POWERS = st.sampled_from((0.0, 150.0, 600.0, 2000.0, 4000.0, 6500.0, 9000.0))

PLANTS = st.builds(
    PlantConfig,
    battery_capacity_wh=st.sampled_from((2_500.0, 8_000.0, 16_000.0)),
    max_charge_w=st.sampled_from((3_000.0, 5_000.0, 8_000.0)),
    max_discharge_w=st.sampled_from((3_000.0, 5_000.0, 8_000.0)),
    inverter_ac_w=st.sampled_from((5_000.0, 8_000.0)),
    soc_pct=SOC,
    backup_supply=st.booleans(),
    grid_sensor=MOSTLY,
    three_phase=st.booleans(),
)
SETTINGS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(("self_consumption", "time_of_use", *BASE_MODES)),
        "charge_cutoff_soc_pct": st.sampled_from((80.0, 100.0)),
        "discharge_cutoff_soc_pct": st.sampled_from((5.0, 10.0, 20.0)),
        "backup_reserve_soc_pct": st.sampled_from((0.0, 0.0, 0.0, 30.0)),
        "max_charge_w": CEILINGS,
        "max_discharge_w": CEILINGS,
        "export_limit_w": LIMITS,
        "import_limit_w": LIMITS,
        "grid_charging": st.booleans(),
        "refill_reserve_from_grid": st.booleans(),
        "peak_shaving": st.sampled_from((True, False, False)),
        "peak_shaving_soc_pct": st.sampled_from((30.0, 80.0)),
        "peak_shaving_max_import_w": st.sampled_from((500.0, 3000.0)),
        "unattended_consent": MOSTLY,
        "outage_consent": MOSTLY,
        "resume_by_itself": st.booleans(),
    }
).map(lambda values: {"control": "on", **values})

OVERRIDES: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.fixed_dictionaries({"from_grid": st.sampled_from((True, True, True, False)), "power_w": ASKED}).map(
        lambda asked: ("force_charge", asked)
    ),
    st.fixed_dictionaries({"power_w": ASKED, "floor_soc_pct": st.sampled_from((5.0, 5.0, 25.0, 60.0))}).map(
        lambda asked: ("force_discharge", asked)
    ),
    ASKED.map(lambda watts: ("backup", {"power_w": watts, "from_grid": True})),
    st.just(("hold", {})),
)
CHANGES = st.one_of(
    st.sampled_from(BASE_MODES).map(lambda mode: {"mode": mode}),
    *(st.fixed_dictionaries({name: LIMITS}) for name in ("export_limit_w", "import_limit_w")),
    *(st.fixed_dictionaries({name: CEILINGS}) for name in ("max_charge_w", "max_discharge_w")),
    st.booleans().map(lambda allowed: {"grid_charging": allowed}),
    st.sampled_from((0.0, 40.0)).map(lambda reserve: {"backup_reserve_soc_pct": reserve}),
    st.sampled_from((5.0, 25.0)).map(lambda cutoff: {"discharge_cutoff_soc_pct": cutoff}),
    st.sampled_from((60.0, 100.0)).map(lambda cutoff: {"charge_cutoff_soc_pct": cutoff}),
    st.sampled_from(("off", "shadow", "on", "on")).map(lambda control: {"control": control}),
)
PERIODS = st.builds(
    Period,
    window=st.just(Window(start_min=0, end_min=1)),
    action=st.sampled_from(Action),
    max_power_w=st.one_of(st.none(), ASKED),
    target_soc_pct=st.sampled_from((None, 40.0, 90.0)),
    floor_soc_pct=st.sampled_from((None, 5.0, 40.0)),
    max_import_w=LIMITS,
    max_export_w=LIMITS,
)
DOCUMENTS = st.builds(
    Documents,
    schedule=st.builds(
        lambda periods, gap: Schedule(plans={"all": periods}, default="all", gap=gap),
        st.lists(st.one_of(PERIODS, PERIODS, st.none()), min_size=5, max_size=5).map(_in_turns),
        st.sampled_from(Gap),
    ),
    outages=st.sampled_from(((), (Outage(start=START + 3 * _MINUTE, end=START + 6 * _MINUTE),))),
)
HOUSES = st.lists(
    st.builds(
        Stretch,
        seconds=st.sampled_from((7.0, 20.0, 45.0, 90.0)),
        load_w=POWERS,
        pv_w=st.one_of(st.just(0.0), POWERS),
    ),
    min_size=4,
    max_size=9,
).map(tuple)
REAL_LINKS = st.builds(
    Link,
    poll_s=st.sampled_from((5.0, 7.0, 10.0)),
    spacing_s=st.sampled_from((1.0, 1.0, 0.2)),
    answer_s=st.sampled_from((0.02, 0.3)),
    enter_s=st.sampled_from((0.0, 3.0, 8.0)),
    obey_s=st.sampled_from((0.0, 2.0, 4.0)),
    loss=st.sampled_from((0.0, 0.0, 0.02, 0.1)),
    seed=st.integers(0, 9),
)


@st.composite
def connections(draw: st.DrawFn, plant: PlantConfig) -> Values:
    """Say how a house is connected, as its owner knows it."""
    said = {
        "main_fuse_a": draw(st.sampled_from((None, None, 16.0, 25.0, 35.0, 35.0, 50.0))),
        "phases": 3 if plant.three_phase else 1,
        "largest_load_w": draw(st.sampled_from((None, 1_000.0, 2_000.0, 3_000.0, 6_000.0))),
        "backup_supply": plant.backup_supply if draw(MOSTLY) else None,
    }
    return {name: value for name, value in said.items() if value is not None}


@st.composite
def wishes(draw: st.DrawFn, ticks: int) -> tuple[Wish, ...]:
    """Let the owner change something now and then."""
    found: list[Wish] = []
    tick = draw(st.integers(0, 4))
    while tick < ticks:
        match draw(st.sampled_from(("override", "override", "override", "change", "change", "end"))):
            case "override":
                kind, asked = draw(OVERRIDES)
                found.append(Wish(tick=tick, override=kind, asked=asked))
            case "change":
                found.append(Wish(tick=tick, settings=draw(CHANGES)))
            case _:
                found.append(Wish(tick=tick, override="none"))
        tick += draw(st.sampled_from((2, 8, 13, 20, 40)))
    return tuple(found)


@st.composite
def faults(draw: st.DrawFn, ticks: int, kinds: tuple[Mishap | Trouble, ...]) -> tuple[Fault, ...]:
    """Let one thing go wrong after the other."""
    found: list[Fault] = []
    tick = draw(st.integers(1, 8))
    while tick < ticks - 1 and len(found) < 3 and kinds:
        what = draw(st.sampled_from(kinds))
        lasts = min(draw(st.sampled_from((1, 2, 5, 15))), ticks - tick)
        found.append(Fault(what=what, tick=tick, ticks=lasts, value=draw(_VALUES.get(what, st.just(0.0)))))
        tick += lasts + draw(st.integers(1, 30))
    return tuple(found)


_VALUES: dict[Mishap | Trouble, st.SearchStrategy[float]] = {
    Mishap.SOC_LEAPS: st.sampled_from((3.0, 50.0, 97.0)),
    Mishap.OPERATOR: st.just(2.0),
    Mishap.APP_CHANGES_LIMIT: st.sampled_from((0.0, 4.0)),
    Mishap.KILLED: st.integers(0, 14).map(float),
}
_IDEAL_LINK = st.just(Link())
_FORTY = st.just(40)
_NONE = st.just(0)


@st.composite
def scenarios(
    draw: st.DrawFn,
    link: st.SearchStrategy[Link] = _IDEAL_LINK,
    *,
    kinds: tuple[Mishap | Trouble, ...] = (Mishap.GRID_LOST,),
    lasting: st.SearchStrategy[int] = _FORTY,
    quiet: int = 0,
    writes_before: st.SearchStrategy[int] = _NONE,
) -> Scenario:
    """Draw a whole story; in the last `quiet` cycles nobody does anything and nothing goes wrong."""
    ticks = draw(lasting)
    busy = ticks - quiet
    plant = draw(PLANTS)
    return Scenario(
        plant=SigenConfig(
            plant=plant, firmware=draw(FIRMWARE), app_mode=draw(st.sampled_from((0, 0, 0, 1, 5)))
        ),
        link=draw(link),
        connection=draw(connections(plant)),
        settings=draw(SETTINGS),
        documents=draw(DOCUMENTS),
        house=draw(HOUSES),
        wishes=draw(wishes(busy)),
        faults=draw(faults(busy, kinds)),
        ticks=ticks,
        writes_before=draw(writes_before),
    )
