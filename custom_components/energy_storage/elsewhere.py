"""How many entities a plant has beside the further readings of its devices."""

from .binary_sensor import PLANT_BINARY_SENSORS
from .button import REQUESTS
from .control_sensors import CONTROL_SENSORS
from .coordinator import PlantRuntime
from .engine.plant import Counter
from .number import CHARGER_NUMBERS, NUMBERS, is_enabled
from .plant_sensors import PLANT_SENSORS, has_third_party_pv
from .room import chargers
from .select import SELECTS
from .switch import SWITCHES

_EVENTS = 1
_OF_CONTROL = 2
"""The calendar and the event of control, which wait disabled."""


def elsewhere(runtime: PlantRuntime) -> tuple[int, int]:
    """Give how many are enabled at first, and how many can be registered."""
    enabled, registered = _of_plant(runtime)
    if runtime.controller is None:
        return enabled, registered
    enabled_too, registered_too = _of_control(runtime)
    return enabled + enabled_too, registered + registered_too


def _of_plant(runtime: PlantRuntime) -> tuple[int, int]:
    reading, devices = runtime.coordinator.data, runtime.driver.devices
    crowded = bool(chargers(devices))
    rows = [row for row in PLANT_SENSORS if row.wanted_fn(reading, devices)]
    shown = [row for row in rows if row.entity_registry_enabled_default and not (crowded and row.where_room)]
    always = len(PLANT_BINARY_SENSORS) + _EVENTS
    counters = len(Counter) - (not has_third_party_pv(reading, devices))
    sums = len(Counter) - len(reading.state.counters_kwh)
    return (
        always + 1 + counters + len(shown),
        always + len(devices) + len(Counter) + sums + len(PLANT_SENSORS),
    )


def _of_control(runtime: PlantRuntime) -> tuple[int, int]:
    found = chargers(runtime.driver.devices)
    rows = (*CONTROL_SENSORS, *SWITCHES, *SELECTS)
    buttons = len(found) * len(REQUESTS)
    numbers = sum(is_enabled(row, crowded=bool(found)) for row in NUMBERS)
    return (
        sum(row.entity_registry_enabled_default for row in rows) + numbers + buttons,
        len(rows) + len(NUMBERS) + buttons + len(found) * bool(CHARGER_NUMBERS) + _OF_CONTROL,
    )
