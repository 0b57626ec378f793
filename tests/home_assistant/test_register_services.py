"""The actions for single registers: ranges read now, a search, and the few writes that are not locked."""

import asyncio
from dataclasses import replace
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.service_calls import REGISTER_TOOLS

from .conftest import AddHome, Home
from .control_home import PLANT, charging, controller_of

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

CHARGERS = replace(PLANT, ac_chargers=(3,), dc_charger=1)
LIMIT = {"device": "ac_charger_3", "name": "output_current_limit", "value": 10, "confirm": True}
CALLS: dict[str, dict[str, Any]] = {
    "read_registers": {},
    "search_registers": {},
    "write_register": LIMIT,
    "scan_registers": {"label": "sun", "address": 30000, "count": 10},
    "find_value": {"seen": {"sun": 53.1}},
}


async def call(home: Home, action: str, **fields: Any) -> dict[str, Any]:
    """Call an action as an automation does."""
    response = await home.hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry": home.entry.entry_id} | fields,
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return dict(response)


async def refused(home: Home, action: str, **fields: Any) -> HomeAssistantError:
    """Call an action that is refused with a text of ours."""
    with pytest.raises(HomeAssistantError) as caught:
        await call(home, action, **fields)
    assert caught.value.translation_domain == DOMAIN
    return caught.value


@pytest.fixture
async def chargers(add_home: AddHome) -> Home:
    """A plant with a charger of each kind, read completely."""
    return await add_home(CHARGERS)


async def user_of(home: Home, *, admin: bool) -> User:
    """Give somebody who lives there."""
    user = MockUser(is_owner=admin).add_to_hass(home.hass)
    assert user.is_admin is admin
    return user


@pytest.mark.parametrize("action", sorted(REGISTER_TOOLS))
async def test_only_admins_may_look_at_registers(home: Home, action: str) -> None:
    """Not everybody who lives there."""
    user = await user_of(home, admin=False)
    before = len(home.sim.requests)
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry": home.entry.entry_id} | CALLS[action],
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id),
        )
    assert len(home.sim.requests) == before


async def test_an_admin_gets_an_answer(home: Home) -> None:
    """The guard lets the answer through."""
    user = await user_of(home, admin=True)
    answer = await home.hass.services.async_call(
        DOMAIN,
        "read_registers",
        {"config_entry": home.entry.entry_id, "names": ["ess_backup_soc"]},
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id),
    )
    assert answer is not None
    assert answer["devices"]


async def test_a_range_is_read_now(home: Home) -> None:
    """Not what the last reading said; with the words as they came."""
    home.sim.plant.soc_pct = 42.0
    answer = await call(home, "read_registers", address=30014, count=1, scale=0.1)
    now = answer["devices"]["plant"]
    assert now["values"] == [{"address": 30014, "value": float(home.sim.get("ess_soc"))}]
    assert now["words"] == [{"address": 30014, "words": [420]}]
    assert now["refused"] == []


async def test_a_range_is_read_as_any_type(home: Home) -> None:
    """Here of a device that is named, as a text."""
    answer = await call(home, "read_registers", devices="inverter_1", address=30515, count=10, type="string")
    serial = home.sim.get("serial_number", 1)
    assert answer["devices"]["inverter_1"]["values"] == [{"address": 30515, "value": serial}]


async def test_a_range_is_read_in_the_other_word_order(home: Home) -> None:
    """For a device that sends the lowest word first."""
    usual = await call(home, "read_registers", address=30010, count=2, type="u32")
    watts = usual["devices"]["plant"]["values"][0]["value"]
    assert watts == 1000 * float(home.sim.get("max_active_power"))
    turned = await call(home, "read_registers", address=30010, count=2, type="u32", word_order="little")
    assert turned["devices"]["plant"]["values"][0]["value"] == watts << 16


async def test_bits_are_listed(home: Home) -> None:
    """As numbers that JSON can hold."""
    answer = await call(home, "read_registers", address=30027, count=2, type="bits")
    assert [each["value"] for each in answer["devices"]["plant"]["values"]] == [[], []]


async def test_holding_registers_are_read(home: Home) -> None:
    """By the other function."""
    await call(home, "read_registers", address=40029, count=1, space="holding")
    assert home.sim.requests[-1].function == 3


async def test_what_is_refused_is_listed(home: Home) -> None:
    """The rest is read all the same."""
    answer = await call(home, "read_registers", address=30284, count=4)
    plant = answer["devices"]["plant"]
    assert plant["refused"] == [{"address": 30286, "count": 2}]
    assert [(each["address"], len(each["words"])) for each in plant["words"]] == [(30284, 2)]


@pytest.mark.parametrize(
    ("fields", "key", "parts"),
    [
        ({"address": 65530, "count": 7}, "not_allowed", ("7", "count", "1 … 6")),
        ({"address": 30000, "devices": ["inverter_9"]}, "not_allowed", ("inverter_9", "inverter_1, plant")),
        ({"address": 30000, "names": ["ess_soc"]}, "not_allowed", ("ess_soc", "address | names")),
        ({"address": 10000, "count": 100}, "range_out_of_requests", ("plant", "use a scan")),
    ],
)
async def test_impossible_ranges_are_refused(
    home: Home, fields: dict[str, Any], key: str, parts: tuple[str, ...]
) -> None:
    """With a sentence that says what is wrong."""
    error = await refused(home, "read_registers", **fields)
    assert error.translation_key == key
    assert all(part.casefold() in str(error).casefold() for part in parts)


@pytest.mark.parametrize(
    "fields",
    [
        {"address": -1},
        {"address": 65536},
        {"address": 30000, "count": 0},
        {"address": 30000, "count": 1001},
        {"address": 30000, "type": "u17"},
        {"address": 30000, "space": "coils"},
        {"address": 30000, "scale": 0},
    ],
)
async def test_nonsense_asks_nothing(home: Home, fields: dict[str, Any]) -> None:
    """Home Assistant refuses it before the plant is asked."""
    before = len(home.sim.requests)
    with pytest.raises(probatio.Invalid):
        await call(home, "read_registers", **fields)
    assert len(home.sim.requests) == before


async def test_a_silent_device_is_an_error(home: Home) -> None:
    """After one request."""
    home.sim.faults.add("silence", 600)
    before = len(home.sim.requests)
    error = await refused(home, "read_registers", address=30000, count=500)
    assert error.translation_key == "range_silent"
    assert len(home.sim.requests) - before <= 1


async def test_reading_a_range_waits_for_the_cycle(home: Home) -> None:
    """Two never speak with the plant at once, and a tick that is due goes before the next request."""
    ticks: list[int] = []

    async def tick() -> None:
        await home.runtime.cycle.tick()
        ticks.append(len(home.sim.requests))

    before = len(home.sim.requests)
    await asyncio.gather(call(home, "read_registers", address=30000, count=288), tick())
    asked = [request.address for request in home.sim.requests[before:]]
    assert ticks[0] < len(home.sim.requests)
    assert asked.index(30000, 1) < len(asked) - 1


async def test_registers_are_searched(chargers: Home) -> None:
    """By keyword and group, with what they said last and why one cannot be written."""
    answer = await call(chargers, "search_registers", keyword="backup soc", group="ems control")
    (found,) = answer["registers"]
    assert (found["device"], found["name"], found["address"]) == ("plant", "ess_backup_soc", 40046)
    assert (found["locked"], found["space"], found["unit"]) == ("owned", "holding", "%")
    assert found["value"] == chargers.sim.get("ess_backup_soc")
    assert "grid code" in answer["groups"]


async def test_what_can_be_written_is_found(chargers: Home) -> None:
    """With its range."""
    answer = await call(chargers, "search_registers", device="ac_charger_3", keyword="current limit")
    (found,) = answer["registers"]
    assert (found["locked"], found["low"], found["of_control"]) == (None, 6, True)


async def test_an_unknown_device_is_refused_in_a_search(home: Home) -> None:
    """The error names those that there are."""
    error = await refused(home, "search_registers", device="inverter_9")
    assert "inverter_1, plant" in str(error)


async def test_a_search_asks_the_plant_nothing(home: Home) -> None:
    """It tells what is known."""
    before = len(home.sim.requests)
    assert len((await call(home, "search_registers"))["registers"]) > 200
    assert len(home.sim.requests) == before


async def test_a_limit_is_written_and_read_back(chargers: Home) -> None:
    """Control may be off: it is the owner's hand. It is counted, and the count is on the disk."""
    await chargers.set(control="off")
    left = controller_of(chargers).control.holding().writes_left
    answer = await call(chargers, "write_register", **LIMIT)
    assert chargers.sim.get("output_current_limit", 3) == 10
    assert (answer["value"], answer["written"]) == (10, True)
    assert answer["before"] != 10
    assert left is not None
    assert answer["writes_left"] < left
    assert [write.name for write in chargers.sim.writes] == ["output_current_limit"]


async def test_what_is_held_already_is_not_written(chargers: Home) -> None:
    """Memory wears out."""
    await call(chargers, "write_register", **LIMIT)
    answer = await call(chargers, "write_register", **LIMIT)
    assert (answer["value"], answer["written"]) == (10, False)
    assert len(chargers.sim.writes) == 1


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"device": "plant", "name": "remote_ems_enable", "value": "on"}, "refused_locked_owned"),
        ({"device": "plant", "name": "grid_export_limit", "value": 5000}, "refused_locked_owned"),
        ({"device": "plant", "name": "plant_start_stop", "value": "stop"}, "refused_locked_power_switch"),
        ({"device": "plant", "name": "grid_code_lvrt_enable", "value": "off"}, "refused_locked_grid_code"),
        ({"device": "plant", "name": "ess_soc", "value": 50}, "refused_locked_read_only"),
        (
            {"device": "ac_charger_3", "name": "charging_start_stop", "value": "stop"},
            "refused_locked_no_read_back",
        ),
        (
            {"device": "dc_charger_1", "name": "max_discharge_power_limit", "value": 1},
            "refused_locked_unproven",
        ),
    ],
)
async def test_locked_registers_are_refused(chargers: Home, fields: dict[str, Any], key: str) -> None:
    """With the reason; the plant is not even asked."""
    before = len(chargers.sim.requests)
    error = await refused(chargers, "write_register", confirm=True, **fields)
    assert error.translation_key == key
    assert len(chargers.sim.requests) == before


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"value": 5.9}, ("5.9", "output_current_limit", "6 … ")),
        ({"value": 1000}, ("1000", "output_current_limit", "6 … ")),
        ({"value": "lots"}, ("lots", "output_current_limit", "6 … ")),
        ({"confirm": False}, ("false", "confirm", "true")),
        ({"device": "ac_charger_9"}, ("ac_charger_9", "device", "ac_charger_3")),
        ({"name": "speed"}, ("speed", "name", "output_current_limit")),
    ],
)
async def test_impossible_writes_are_refused(
    chargers: Home, fields: dict[str, Any], parts: tuple[str, ...]
) -> None:
    """The error names field, value and range; nothing is written."""
    error = await refused(chargers, "write_register", **LIMIT | fields)
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "not_allowed"
    assert all(part in str(error) for part in parts)
    assert chargers.sim.writes == []


async def test_control_keeps_its_registers_to_itself(chargers: Home) -> None:
    """While it is on, what it may set is set by its entities alone."""
    await charging(chargers)
    before = len(chargers.sim.writes)
    error = await refused(chargers, "write_register", **LIMIT)
    assert error.translation_key == "refused_locked_control_on"
    assert len(chargers.sim.writes) == before


async def test_nothing_is_written_while_a_sequence_runs(chargers: Home) -> None:
    """It waits for its turn; control that was switched on meanwhile is respected."""
    controller = controller_of(chargers)
    async with controller.turn:
        writing = asyncio.ensure_future(refused(chargers, "write_register", **LIMIT))
        for _ in range(50):
            await asyncio.sleep(0)
        await chargers.runtime.settings.async_set(control="on")
        assert not writing.done()
    assert (await writing).translation_key == "refused_locked_control_on"
    assert chargers.sim.writes == []


async def test_nothing_is_written_to_a_plant_of_somebody_else(chargers: Home) -> None:
    """We give way, as everywhere."""
    chargers.sim.faults.add("vpp")
    await chargers.tick()
    error = await refused(chargers, "write_register", **LIMIT)
    assert error.translation_key == "refused_someone_else_controls"
    assert [write.name for write in chargers.sim.writes if write.name == "output_current_limit"] == []


@pytest.mark.parametrize(
    ("fault", "value", "key"),
    [("refused_address", 42001, "refused_refused_by_device"), ("ignored_writes", 42001, "refused_not_held")],
)
async def test_a_write_that_does_not_hold_is_an_error(
    chargers: Home, fault: str, value: float, key: str
) -> None:
    """The device refuses it, or takes it and goes on as before."""
    chargers.sim.faults.add(fault, value)
    assert (await refused(chargers, "write_register", **LIMIT)).translation_key == key


async def test_a_spent_budget_is_respected(chargers: Home) -> None:
    """Memory wears out."""
    driver: Any = chargers.runtime.driver
    driver.control.record.counts["ess_backup_soc"] = 250
    driver.control.record.day = chargers.clock.now.date().isoformat()
    error = await refused(chargers, "write_register", **LIMIT)
    assert error.translation_key == "refused_write_budget"
    assert chargers.sim.writes == []


async def test_a_plant_without_registers_says_so(home: Home) -> None:
    """A vendor may speak another protocol."""
    driver: Any = home.runtime.driver

    class Other:
        """The same driver, without registers."""

        raw_access = None

        def __getattr__(self, name: str) -> Any:
            return getattr(driver, name)

    home.runtime.driver = Other()
    for action, fields in CALLS.items():
        if action != "read_registers":
            error = await refused(home, action, **fields)
            assert error.translation_key == "refused_not_supported", action
    error = await refused(home, "read_registers", address=1)
    assert error.translation_key == "refused_not_supported"
