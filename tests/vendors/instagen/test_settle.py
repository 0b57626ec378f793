"""Signs and scales: what speaks for which, and how many voices it takes."""

from dataclasses import replace

import pytest

from custom_components.energy_storage.vendors.instagen.live_data import (
    Battery,
    Grid,
    GridMeter,
    GridPhase,
    Inverter,
    InverterCommon,
    LiveData,
    Load,
    LoadPhase,
    PowerFlow,
    PvInput,
    Source,
    SourcePhase,
)
from custom_components.energy_storage.vendors.instagen.options import OPTIONS, chosen
from custom_components.energy_storage.vendors.instagen.settle import Doubt, Settled, Verdict


def battery(power: int, state: int, **more: int) -> LiveData:
    """Give data of a battery."""
    return LiveData(battery=Battery(power=power, state=state, **more))


def meter(power: int, **more: object) -> LiveData:
    """Give data of a grid meter."""
    grid = Grid(common=GridMeter(meter_state=1), phases=(GridPhase(phase=1, active_power=power),))
    return replace(LiveData(grid=grid), **more)  # type: ignore[arg-type]  # data of the test


def flow(**powers: int) -> PowerFlow:
    """Give flows; those that are not named are 0."""
    names = (
        "pv_to_load",
        "pv_to_battery",
        "pv_to_grid",
        "battery_to_load",
        "grid_to_load",
        "battery_to_grid",
    )
    return PowerFlow(**{name: powers.get(name, 0) for name in names})


def judged(doubt: Doubt, *plant: LiveData, times: int = 3) -> bool:
    """Tell what is thought after these data came several times."""
    settled = Settled({})
    for _ in range(times):
        settled.hear(plant)
    return settled.as_inferred(doubt)


def test_three_voices_decide() -> None:
    """Two do not, and after three it takes more on the other side to change it back."""
    verdict, thought = Verdict(), []
    for speaks_for in (False, False, False, *[True] * 6):
        verdict.hear(speaks_for=speaks_for)
        thought.append(verdict.as_inferred)
    assert thought == [True, True, False, *[False] * 5, True]


@pytest.mark.parametrize(
    ("power", "state", "inferred"), [(500, 2, True), (-500, 1, True), (500, 1, False), (-500, 2, False)]
)
def test_state_of_the_battery_tells_its_sign(power: int, state: int, inferred: bool) -> None:
    """1 is charging, 2 is discharging."""
    assert judged(Doubt.BATTERY_SIGN, battery(power, state)) is inferred


@pytest.mark.parametrize(("power", "state"), [(-500, 0), (-500, 7), (-40, 2)])
def test_battery_at_rest_tells_nothing(power: int, state: int) -> None:
    """Or in a state that nobody knows, or with next to no power."""
    assert judged(Doubt.BATTERY_SIGN, battery(power, state))


def test_flows_tell_the_battery_sign() -> None:
    """Where its state says nothing."""
    charging = replace(battery(500, 0), power_flow=flow(pv_to_battery=500))
    assert not judged(Doubt.BATTERY_SIGN, charging)
    both = replace(battery(500, 0), power_flow=flow(pv_to_battery=500, battery_to_load=100))
    assert judged(Doubt.BATTERY_SIGN, both)


def test_flows_of_several_inverters_tell_nothing_of_one_battery() -> None:
    """They are of the whole plant."""
    first = replace(battery(500, 0), power_flow=flow(pv_to_battery=900))
    assert judged(Doubt.BATTERY_SIGN, first, battery(-1400, 0))


@pytest.mark.parametrize(
    ("power", "powers", "inferred"),
    [
        (-800, {"grid_to_load": 800}, True),
        (800, {"pv_to_grid": 800}, True),
        (800, {"battery_to_grid": 800}, True),
        (800, {"grid_to_load": 800}, False),
        (-800, {"pv_to_grid": 800}, False),
        (-800, {"battery_to_grid": 800}, False),
    ],
)
def test_flows_tell_the_grid_sign(power: int, powers: dict[str, int], inferred: bool) -> None:
    """Import is -, as far as is known."""
    assert judged(Doubt.GRID_SIGN, meter(power, power_flow=flow(**powers))) is inferred


@pytest.mark.parametrize(
    "powers", [{}, {"grid_to_load": 800, "pv_to_grid": 10}, {"battery_to_grid": 100, "grid_to_load": 700}]
)
def test_mixed_flows_tell_nothing(powers: dict[str, int]) -> None:
    """Two ways at once, or none."""
    assert judged(Doubt.GRID_SIGN, meter(800, power_flow=flow(**powers)))


def house(load: int, pv: int, grid: int, **more: object) -> LiveData:
    """Give a house without flows."""
    return meter(
        grid,
        load=Load(phases=(LoadPhase(phase=1, active_power=load),)),
        pv_inputs=(PvInput(input_index=1, power=pv),),
        **more,
    )


@pytest.mark.parametrize(
    ("data", "inferred"),
    [
        (house(2000, 500, -1500), True),
        (house(2000, 500, 1500), False),
        (house(500, 3000, 2450), True),
        (house(500, 3000, -2450), False),
        (house(2000, 500, 700), True),  # it does not add up, so nothing follows
        (house(700, 500, 200), True),  # too little to be sure
    ],
)
def test_balance_tells_the_grid_sign(data: LiveData, inferred: bool) -> None:
    """Load is PV plus import."""
    assert judged(Doubt.GRID_SIGN, data) is inferred


def test_balance_counts_batteries_generators_and_others_pv() -> None:
    """And all inverters."""
    source = Source(phases=(SourcePhase(phase=1, active_power=400),))
    first = house(4000, 500, 1500, generator=source, external_pv=source)
    second = LiveData(pv_inputs=(PvInput(input_index=1, power=700),), battery=Battery(power=500, state=2))
    assert not judged(Doubt.GRID_SIGN, first, second)
    assert judged(Doubt.GRID_SIGN, first)


@pytest.mark.parametrize(
    ("current", "inferred"), [(224, True), (-224, True), (2240, False), (-2240, False), (700, True)]
)
def test_volts_times_amperes_tell_the_scale(current: int, inferred: bool) -> None:
    """53.5 V and 1200 W are 22.4 A; what fits neither scale tells nothing."""
    assert judged(Doubt.BATTERY_CURRENT, battery(1200, 2, voltage=535, current=current)) is inferred


def test_small_power_tells_no_scale() -> None:
    """Its parts are too coarse."""
    assert judged(Doubt.BATTERY_CURRENT, battery(100, 2, voltage=535, current=187))


def test_temperature_that_cannot_be_is_in_tenths() -> None:
    """At once, and once and for all: a cold day later does not change it."""
    hot = LiveData(inverter=Inverter(common=InverterCommon(temp_pv_heatsink=385)))
    settled = Settled({})
    settled.hear((hot,))
    assert not settled.as_inferred(Doubt.TEMPERATURE)
    assert judged(Doubt.TEMPERATURE, LiveData(inverter=Inverter(common=InverterCommon(temp_cabinet=60))))


def test_what_is_learnt_is_kept() -> None:
    """As far as it is decided; nonsense is not taken over."""
    settled = Settled({})
    for _ in range(3):
        settled.hear((battery(500, 1),))
    kept = settled.to_json()
    assert kept == {"battery_sign": False}
    again = Settled({})
    again.restore(kept)
    assert not again.as_inferred(Doubt.BATTERY_SIGN)


@pytest.mark.parametrize("nonsense", [None, 5, [], {"battery_sign": "no"}, {"other": False}])
def test_nonsense_is_not_taken_over(nonsense: object) -> None:
    """Judging begins anew."""
    again = Settled({})
    again.restore(nonsense)
    assert again.as_inferred(Doubt.BATTERY_SIGN)


def test_owner_is_believed() -> None:
    """Every doubt can be said, and automatic says nothing."""
    doubts = [row for row in OPTIONS if row.expert]
    assert chosen({}) == chosen({row.key: "auto" for row in doubts}) == {}
    first = chosen({row.key: row.choices[1] for row in doubts})
    second = chosen({row.key: row.choices[2] for row in doubts})
    assert first == dict.fromkeys(Doubt, True)
    assert second == dict.fromkeys(Doubt, False)
    settled = Settled(second)
    for _ in range(5):
        settled.hear((battery(500, 2),))
    assert settled.sign(Doubt.BATTERY_SIGN) == -1
