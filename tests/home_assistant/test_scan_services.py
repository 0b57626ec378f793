"""Scans of registers between the ticks of a cycle, what differs, and where a displayed value stands."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, override

from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
import probatio
import pytest

from custom_components.energy_storage import scan_watch
from custom_components.energy_storage.engine.plant import Stage
from custom_components.energy_storage.passes_store import MOST_PASSES
from tests.simulators.modbus import Request
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, HandClock, Home
from .control_home import PLANT, charging
from .test_register_services import call, refused

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def scan(home: Home, label: str = "sun", **fields: Any) -> dict[str, Any]:
    """Scan the plant's running information, or what is said otherwise."""
    wanted = {"label": label, "address": 30000, "count": 288} | fields
    return await call(home, "scan_registers", **wanted)


@pytest.fixture(name="notices")
def _notices(hass: HomeAssistant) -> list[str]:
    """Give the notifications about scans, as they stand there."""
    shown: list[str] = []

    @callback
    def note(change: UpdateType, notifications: dict[str, Notification]) -> None:
        for key, notice in notifications.items():
            if "_scan_" in key:
                shown[:] = [] if change is UpdateType.REMOVED else [notice["message"]]

    async_register_callback(hass, note)
    return shown


def words_of(answer: dict[str, Any]) -> dict[int, int]:
    """Give the words that a pass has read, by address."""
    return {
        run["address"] + at: word for run in answer["pass"]["words"] for at, word in enumerate(run["words"])
    }


class Heard(list[Request]):
    """The requests that a plant has heard, which tells of each new one."""

    def __init__(self, items: list[Request], told: Callable[[Request], None]) -> None:
        """Begin with what was heard before."""
        super().__init__(items)
        self._told = told

    @override
    def append(self, item: Request, /) -> None:
        super().append(item)
        self._told(item)


def listen(home: Home, monkeypatch: pytest.MonkeyPatch, told: Callable[[Request], None]) -> None:
    """Have every request told that the plant hears from now on."""
    monkeypatch.setattr(home.sim._listening, "requests", Heard(home.sim.requests, told))


async def test_a_scan_reads_a_range_once(home: Home) -> None:
    """Read-only, labelled, with what the device does not know."""
    answer = await scan(home)
    done = answer["pass"]
    assert (done["ended"], done["next_address"], answer["changes"]) == ("complete", None, None)
    assert words_of(answer)[30014] == round(10 * float(home.sim.get("ess_soc")))
    assert {"address": 30286, "count": 2} in done["refused"]
    assert done["requests"] > 0
    assert not [request for request in home.sim.requests if request.writes]


async def test_the_owner_is_told(home: Home, notices: list[str]) -> None:
    """In a notification that stays, for the form may be closed by then."""
    await scan(home)
    assert notices[0].startswith("sun: complete. 282 of 288 registers were read")


async def test_a_running_scan_tells_how_far_it_is(
    home: Home, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ten seconds."""
    monkeypatch.setattr(scan_watch, "monotonic", home.clock.monotonic)
    told: list[str] = []

    def heard(_request: Request) -> None:
        home.clock.now += timedelta(seconds=6)
        home.sim.advance(6)
        told.extend(notice for notice in notices if notice not in told)

    listen(home, monkeypatch, heard)
    await scan(home, duration="00:00:14")
    assert len(told) == 2
    assert told[0] == "sun: 0 of 288 registers looked at, 0 of them read."
    assert told[1] != told[0]


async def test_a_scan_never_cuts_into_a_tick(home: Home) -> None:
    """Ticks that come due meanwhile go before the next request, so the plant's readings stay fresh."""
    finished: list[int] = []

    async def tick_on() -> None:
        while not finished:
            at = len(home.sim.requests)
            await home.runtime.cycle.tick()
            spans.append((at, len(home.sim.requests)))

    async def scan_on() -> None:
        answers.append(await scan(home, count=400))
        finished.append(len(home.sim.requests))

    spans: list[tuple[int, int]] = []
    answers: list[dict[str, Any]] = []
    await asyncio.gather(scan_on(), tick_on())
    assert answers[0]["pass"]["ended"] == "complete"
    requests = answers[0]["pass"]["requests"]
    assert len(spans) >= requests - 1
    assert home.runtime.cycle.reading().stage is Stage.FRESH


async def test_the_plants_own_readings_come_first(home: Home) -> None:
    """A scan ends when they are not fresh any more."""
    home.clock.now += timedelta(seconds=30)
    before = len(home.sim.requests)
    answer = await scan(home)
    assert (answer["pass"]["ended"], answer["pass"]["next_address"]) == ("not_fresh", 30000)
    assert len(home.sim.requests) == before


async def test_a_scan_ends_in_time_and_goes_on_when_called_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both halves are one pass; another label or range begins anew."""
    times = iter([0.0, 0.0, *[61.0] * 10])
    monkeypatch.setattr(scan_watch, "monotonic", lambda: next(times))
    half = (await scan(home))["pass"]
    assert (half["ended"], half["requests"]) == ("out_of_time", 1)
    assert half["next_address"] > 30000
    monkeypatch.undo()
    before = len(home.sim.requests)
    whole = await scan(home)
    assert (whole["pass"]["ended"], whole["pass"]["started"]) == ("complete", half["started"])
    assert min(request.address for request in home.sim.requests[before:]) == half["next_address"]
    assert {30000, 30284} <= words_of(whole).keys()
    again = await scan(home)
    assert again["pass"]["requests"] == whole["pass"]["requests"]


async def test_a_silent_device_ends_a_scan(home: Home, notices: list[str]) -> None:
    """What was read until then is kept, and it is known where to go on."""
    home.sim.faults.add("silence", 600)
    answer = await scan(home)
    assert (answer["pass"]["ended"], answer["pass"]["next_address"]) == ("silent", 30000)
    assert "gave no usable answer" in notices[0]


async def test_the_difference_of_two_passes_is_told(home: Home) -> None:
    """With the names of what is declared."""
    await scan(home, "night")
    home.sim.plant.soc_pct = 41.0
    answer = await scan(home, "sun", compare_with="night")
    (soc,) = [change for change in answer["changes"] if change["address"] == 30014]
    assert (soc["after"], soc["name"]) == (410, "ess_soc")
    assert soc["before"] != 410
    assert 30010 not in [change["address"] for change in answer["changes"]]


async def test_passes_survive_a_restart(home: Home) -> None:
    """They are on the disk; the last ten of them."""
    for number in range(MOST_PASSES + 1):
        await scan(home, f"pass {number}", count=10)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert list(await home.runtime.passes.all()) == [f"pass {n}" for n in range(1, MOST_PASSES + 1)]
    answer = await scan(home, "sun", count=10, compare_with="pass 1")
    assert answer["changes"] is not None


async def test_removed_plants_leave_no_passes(home: Home, hass_storage: dict[str, Any]) -> None:
    """Nothing of them stays on the disk."""
    await scan(home, count=10)
    key = f"energy_storage.{home.entry.entry_id}.passes"
    assert key in hass_storage
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    assert key not in hass_storage


async def test_a_spoilt_store_is_forgotten(home: Home, hass_storage: dict[str, Any]) -> None:
    """What makes no sense is no pass."""
    key = f"energy_storage.{home.entry.entry_id}.passes"
    hass_storage[key] = {"version": 1, "key": key, "data": {"passes": [5, {"label": "sun"}]}}
    assert await home.runtime.passes.all() == {}


async def test_two_scans_do_not_run_at_once(home: Home) -> None:
    """The second would only slow down the first; afterwards there is room again."""
    await home.runtime.passes.all()
    async with home.runtime.cycle._turn:
        first = asyncio.ensure_future(scan(home, count=10))
        for _ in range(200):
            await asyncio.sleep(0)
        second = asyncio.ensure_future(refused(home, "scan_registers", label="moon", address=1, count=1))
        for _ in range(200):
            await asyncio.sleep(0)
        assert second.done()
    assert (await second).translation_key == "scan_running"
    assert (await first)["pass"]["ended"] == "complete"
    assert (await scan(home, count=10))["pass"]["ended"] == "complete"


async def test_a_scan_ends_when_the_plant_is_handed_back(
    add_home: AddHome, hand_clock: HandClock, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it, not even for an answer that is late; the plant is given back as always."""
    hand_clock.timeout_s = 600.0
    home = await add_home(PLANT)
    await charging(home)
    home.sim.faults.add("dropped_replies")
    asked = asyncio.Event()
    listen(home, monkeypatch, lambda _request: asked.set())
    scanning = asyncio.ensure_future(refused(home, "scan_registers", label="sun", address=30000, count=288))
    await asked.wait()
    home.sim.faults.remove("dropped_replies")
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert (await scanning).translation_key == "refused_halted"
    assert home.sim.get("remote_ems_enable") == 0
    assert notices == []


async def test_a_scan_that_is_cancelled_leaves_nothing_behind(
    home: Home, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No notification that it runs, no pass, and room for the next."""
    asked = asyncio.Event()
    home.sim.faults.add("dropped_replies")
    listen(home, monkeypatch, lambda _request: asked.set())
    scanning = asyncio.ensure_future(scan(home))
    await asked.wait()
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    home.sim.faults.remove("dropped_replies")
    assert (notices, dict(await home.runtime.passes.all())) == ([], {})
    assert (await scan(home))["pass"]["ended"] == "complete"


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"device": "inverter_9"}, ("inverter_9", "device", "inverter_1, plant")),
        ({"compare_with": "moon"}, ("moon", "compare_with")),
        ({"address": 65535, "count": 2}, ("2", "count", "1 … 1")),
    ],
)
async def test_impossible_scans_ask_nothing(
    home: Home, fields: dict[str, Any], parts: tuple[str, ...]
) -> None:
    """The error names field, value and what there is."""
    before = len(home.sim.requests)
    error = await refused(home, "scan_registers", **{"label": "sun", "address": 1, "count": 1} | fields)
    assert error.translation_key == "not_allowed"
    assert all(part in str(error) for part in parts)
    assert len(home.sim.requests) == before


async def test_other_devices_are_not_compared(home: Home) -> None:
    """That is said before anything is read."""
    await scan(home, "plant")
    before = len(home.sim.requests)
    error = await refused(
        home,
        "scan_registers",
        label="inverter",
        device="inverter_1",
        address=30500,
        count=10,
        compare_with="plant",
    )
    assert error.translation_key == "not_comparable"
    assert len(home.sim.requests) == before


@pytest.mark.parametrize(
    "fields",
    [{"count": 10_001}, {"count": 0}, {"duration": "00:10:01"}, {"duration": 0}, {"label": ""}],
)
async def test_scans_are_bounded(home: Home, fields: dict[str, Any]) -> None:
    """In size and time."""
    with pytest.raises(probatio.Invalid):
        await scan(home, **fields)


async def test_a_displayed_value_is_found(home: Home) -> None:
    """From two passes while it moved; the best candidate is the declared register, and comes as a row."""
    home.sim.plant.soc_pct = 53.1
    await scan(home, "morning")
    home.sim.plant.soc_pct = 77.8
    await scan(home, "noon")
    answer = await call(home, "find_value", seen={"morning": 53.1, "noon": 77.8}, unit="%", name="soc")
    best = answer["candidates"][0]
    assert (best["address"], best["kind"], best["scale"]) == (30014, "u16", 0.1)
    assert (best["declared"], best["values"], best["inverted"]) == ("ess_soc", [53.1, 77.8], False)
    assert best["plausibility"] == 100
    row = best["row"]
    assert (row["name"], row["kind"], row["address"], row["type"]) == ("soc", "input", "0x753E", "uint16")
    assert row["evidence"] == "owner"
    assert "53.1 %" in row["note"]


@pytest.mark.parametrize(
    "fields",
    [
        {"seen": {}},
        {"seen": {"sun": "nan"}},
        {"seen": {"sun": float("inf")}},
        {"seen": {"sun": "much"}},
        {"seen": {"sun": 5}, "tolerance": -1},
        {"seen": {"sun": 5}, "tolerance": float("nan")},
    ],
)
async def test_what_is_no_number_is_not_searched(home: Home, fields: dict[str, Any]) -> None:
    """Everything would be as near to it as anything else."""
    await scan(home, count=10)
    with pytest.raises(probatio.Invalid):
        await call(home, "find_value", **fields)


async def test_many_candidates_are_cut_off(home: Home) -> None:
    """And counted."""
    await scan(home)
    answer = await call(home, "find_value", seen={"sun": 0})
    assert len(answer["candidates"]) == 20
    assert answer["left_off"] > 0


async def test_the_tolerance_can_be_widened(home: Home) -> None:
    """A display may lag behind."""
    home.sim.plant.soc_pct = 53.1
    await scan(home)
    narrow = await call(home, "find_value", seen={"sun": 53.4}, unit="%")
    wide = await call(home, "find_value", seen={"sun": 53.4}, unit="%", tolerance=0.5)
    assert 30014 not in [each["address"] for each in narrow["candidates"]]
    assert 30014 in [each["address"] for each in wide["candidates"]]


async def test_values_need_passes(home: Home) -> None:
    """The error names those that there are."""
    await scan(home, "sun", count=10)
    error = await refused(home, "find_value", seen={"moon": 5})
    assert "sun" in str(error)
    assert error.translation_key == "not_allowed"


async def test_values_of_two_devices_are_not_searched_together(home: Home) -> None:
    """Their registers have nothing to do with each other."""
    await scan(home, "plant", count=10)
    await scan(home, "inverter", device="inverter_1", address=30500, count=10)
    error = await refused(home, "find_value", seen={"plant": 5, "inverter": 5})
    assert error.translation_key == "not_comparable"


async def test_a_scan_of_one_device_leaves_the_others_alone(add_home: AddHome) -> None:
    """Here of an inverter."""
    home = await add_home(SigenConfig(inverters=(1, 2)))
    before = len(home.sim.requests)
    await scan(home, device="inverter_2", address=30500, count=40)
    assert {request.unit for request in home.sim.requests[before:]} == {2}


async def test_an_error_leaves_no_scan_behind(home: Home) -> None:
    """The next one may run."""
    with pytest.raises(HomeAssistantError):
        await scan(home, device="inverter_9")
    assert not home.runtime.passes.scanning
