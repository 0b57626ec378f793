"""The energy dashboard and a dashboard of Home Assistant's own cards for the plant."""

from .api import HomeAssistantApi, Json

URL_PATH = "home-battery"

type Rows = tuple[tuple[str, str], ...]

_CONTROL: Rows = (
    ("control_state", "Control"),
    ("mode", "Mode"),
    ("command", "Command"),
    ("command_state", "… which is"),
    ("limiting_reason", "Because of"),
    ("override_end", "Until"),
    ("without_home_assistant", "Without Home Assistant"),
)
_STATE: Rows = (
    ("vendor_mode", "Operating mode"),
    ("on_grid", "Grid"),
    ("alarm", "Alarms"),
    ("connected", "Connection"),
)
_ENERGY: Rows = (
    ("pv_energy", "Sun"),
    ("load_energy", "House"),
    ("grid_import_energy", "From the grid"),
    ("grid_export_energy", "To the grid"),
    ("battery_charge_energy", "Into the battery"),
    ("battery_discharge_energy", "Out of the battery"),
)


def energy_preferences(ids: dict[str, str]) -> Json:
    """What the owner would pick in the energy dashboard's settings."""
    return {
        "energy_sources": [
            {
                "type": "grid",
                "stat_energy_from": ids["grid_import_energy"],
                "stat_energy_to": ids["grid_export_energy"],
                "stat_rate": ids["grid_power"],
                "stat_cost": None,
                "stat_compensation": None,
                "entity_energy_price": None,
                "number_energy_price": 0.32,
                "entity_energy_price_export": None,
                "number_energy_price_export": 0.08,
                "cost_adjustment_day": 0.0,
            },
            {
                "type": "solar",
                "stat_energy_from": ids["pv_energy"],
                "stat_rate": ids["pv_power"],
                "config_entry_solar_forecast": None,
            },
            {
                "type": "battery",
                "stat_energy_from": ids["battery_discharge_energy"],
                "stat_energy_to": ids["battery_charge_energy"],
                "stat_rate": ids["battery_power"],
                "stat_soc": ids["battery_soc"],
            },
        ],
        "device_consumption": [],
    }


def dashboard(ids: dict[str, str]) -> Json:
    """Tiles, gauges and graphs of what the plant does now."""
    now = [
        _tile(ids["pv_power"], "Sun", "amber"),
        _tile(ids["load_power"], "House", "indigo"),
        _tile(ids["battery_power"], "Battery", "green"),
        _tile(ids["grid_power"], "Grid", "blue"),
    ]
    sections = [
        _section(
            "Now",
            [
                *now,
                {
                    "type": "gauge",
                    "entity": ids["battery_soc"],
                    "name": "Battery level",
                    "needle": True,
                    "severity": {"red": 0, "yellow": 15, "green": 30},
                },
            ],
        ),
        _section(
            "Power",
            [
                {
                    "type": "history-graph",
                    "hours_to_show": 0.25,
                    "entities": [{"entity": card["entity"], "name": card["name"]} for card in now],
                },
                {"type": "power-sankey"},
            ],
        ),
        _section("Control", [_list(ids, _CONTROL)]),
        _section("State", [_list(ids, _STATE)]),
        _section("Energy since commissioning", [_list(ids, _ENERGY)]),
    ]
    view = {"title": "Home battery", "type": "sections", "max_columns": 4, "sections": sections}
    return {"title": "Home battery", "views": [view]}


def _list(ids: dict[str, str], rows: Rows) -> Json:
    return {
        "type": "entities",
        "entities": [{"entity": ids[key], "name": name} for key, name in rows if key in ids],
    }


def _tile(entity_id: str, name: str, color: str) -> Json:
    return {"type": "tile", "entity": entity_id, "name": name, "color": color}


def _section(title: str, cards: list[Json]) -> Json:
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}


async def set_up_dashboards(api: HomeAssistantApi, ids: dict[str, str]) -> None:
    """Write both; the owner of the demo may change them afterwards."""
    await api.command("energy/save_prefs", **energy_preferences(ids))
    existing = await api.command("lovelace/dashboards/list")
    if not any(board["url_path"] == URL_PATH for board in existing):
        await api.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            title="Home battery",
            icon="mdi:home-battery",
            show_in_sidebar=True,
        )
    await api.command("lovelace/config/save", url_path=URL_PATH, config=dashboard(ids))
