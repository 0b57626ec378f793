"""Names that three files or more of the Home Assistant side share."""

import logging
from typing import Final

DOMAIN: Final = "energy_storage"
LOGGER: Final = logging.getLogger(__package__)

CONF_VENDOR: Final = "vendor"
CONF_LINK: Final = "link"
"""How the plant is reached; an entry without it: over TCP."""
CONF_SERIAL_PORT: Final = "serial_port"
CONF_BAUDRATE: Final = "baudrate"
CONF_PARITY: Final = "parity"
CONF_STOPBITS: Final = "stopbits"
CONF_PLANT_UNIT_ID: Final = "plant_unit_id"
CONF_INVERTER_UNIT_IDS: Final = "inverter_unit_ids"
CONF_AC_CHARGER_UNIT_IDS: Final = "ac_charger_unit_ids"

CONF_FAST_POLL_S: Final = "fast_poll_s"
CONF_REQUEST_SPACING_S: Final = "request_spacing_s"
CONF_PLANT_POWER: Final = "plant_power"
"""Whether the owner wants the action that switches the whole plant on and off."""
CONF_ALLOW_OFF_GRID: Final = "allow_off_grid"
"""Whether the owner wants the action that takes the house off the grid."""
CONF_WITHOUT_CLOUD: Final = "without_cloud"
"""Whether the owner has said that the upload to the maker's cloud may stop."""
CONF_FIRST_CONTROL: Final = "first_control"
"""How control begins on a plant for which no settings are kept."""

SUBENTRY_GRID_CONNECTION: Final = "grid_connection"
CONF_MAIN_FUSE_A: Final = "main_fuse_a"
CONF_PHASES: Final = "phases"
CONF_INVERTER_PHASE: Final = "inverter_phase"
CONF_LARGEST_LOAD_W: Final = "largest_load_w"
CONF_BACKUP_SUPPLY: Final = "backup_supply"

SUBENTRY_GRID_METER: Final = "grid_meter"
CONF_SOURCE: Final = "meter_source"
"""A kind of link, one sensor, or one sensor of each phase."""
CONF_UNIT_ID: Final = "unit_id"
CONF_MODEL: Final = "model"
CONF_SIDE: Final = "side"
CONF_DIRECTION: Final = "direction"
CONF_ENTITIES: Final = "entities"
