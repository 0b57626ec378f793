"""Which Chint plant is simulated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .chint_autotest import DEFAULTS, Protection
from .chint_map import Layout, Profile
from .line_device import Line
from .plant import PlantConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a device says of itself; the samples of the fact file where it has some."""

    model: str
    serial: str
    device_type: int = 0
    lcd_boot: int = 0
    protocol: int = 0
    dsp_major: int = 0
    dsp_minor: int = 0
    pack_empty_v: float = 0.0
    pack_full_v: float = 0.0
    most_discharge_a: float = 0.0
    most_charge_a: float = 0.0
    plant: PlantConfig = field(default_factory=PlantConfig)


_HOUSE = PlantConfig(
    three_phase=False,
    pv_peak_w=6_000.0,
    inverter_ac_w=6_000.0,
    battery_capacity_wh=10_000.0,
    max_charge_w=5_000.0,
    max_discharge_w=5_000.0,
)

IDENTITIES: Mapping[Profile, Identity] = {
    "ech_s": Identity(
        model="ECH6K-SML-EU",
        serial="1109080124010001",
        device_type=0x4043,
        lcd_boot=0x0006,
        protocol=0x0013,
        dsp_major=0x0102,
        pack_empty_v=49.6,
        pack_full_v=53.6,
        most_discharge_a=120.0,
        most_charge_a=100.0,
        plant=_HOUSE,
    ),
    "ech_th": Identity(
        model="ECH10K-TH-EU",
        serial="1110080124010001",
        device_type=0x4044,
        lcd_boot=0x0138,
        protocol=0x0013,
        dsp_major=0x0190,
        dsp_minor=0x0006,
        pack_empty_v=384.0,
        pack_full_v=432.0,
        most_discharge_a=25.0,
        most_charge_a=25.0,
    ),
    "cps_403x": Identity(
        model="CPS SCA50KTL-DO/EU",
        serial="1101050123010001",
        device_type=0x4031,
        lcd_boot=0x0006,
        dsp_major=0x0102,
        plant=PlantConfig(
            pv_peak_w=55_000.0, inverter_ac_w=50_000.0, battery_capacity_wh=0.0, backup_supply=False
        ),
    ),
    "sce": Identity(
        model="SCE6KTL-120/EU",
        serial="SCE6KTL240100001",
        pack_empty_v=49.6,
        pack_full_v=53.6,
        most_discharge_a=120.0,
        most_charge_a=100.0,
        plant=_HOUSE,
    ),
}
"""Serial, charge limit and pack of each are ours where the fact file has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChintConfig:
    """Which plant is simulated and how it behaves where devices differ or nobody knows."""

    profile: Profile = "sce"
    unit: int = 1
    line: Line = "tcp"
    plant: PlantConfig | None = None
    """The physics; None is what fits the profile."""
    layout: Layout | None = None
    """What an ECH has at 0x0706 to 0x0709; None is what its profile has."""
    unlocked: bool = False
    """Writes to assumed rows are taken; else they are refused as from a locked row."""
    dispatch_needs_enable: bool = False
    """A string inverter heeds 0x1001 only while 0x2602 is 1, as some firmware does."""
    extended: bool = False
    """A string inverter has the registers from 0x8000 on, as some models do."""
    autotest: Mapping[str, Protection] = field(default_factory=lambda: DEFAULTS)
    """What the Italian self test of an ECH tests, and in which order."""
    longest_read: int = 125
    clock_offset_s: float = 0.0
    """How far the device's own local clock is ahead of the time."""
    start: datetime | None = None
    """Simulated time at the start; None is now."""
    speed: float = 1.0
    """Simulated seconds per second; 0 stands still until `advance`."""
    recorded: Mapping[int, Mapping[int, int]] = field(default_factory=dict[int, Mapping[int, int]])
    """Unit id → address → word: served instead of the physics."""
    memory: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What `ChintSimulator.memory` said before: counters, settings and SOC go on from there."""

    @property
    def identity(self) -> Identity:
        """What the device says of itself."""
        return IDENTITIES[self.profile]

    @property
    def physics(self) -> PlantConfig:
        """The plant to build."""
        return self.plant or self.identity.plant
