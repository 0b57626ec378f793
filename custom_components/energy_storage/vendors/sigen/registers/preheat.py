"""Battery preheating of commercial Sigen plants, unit 247. Source: Sigenergy Modbus document V2.9."""

from ....engine.plant import DeviceKind
from ...driver import Tier
from ...fields import Table, choice, s32, u16, u32
from ..version import Version
from .codes import OFF_ON, PREHEAT_MODE


class Preheat(Table):
    """Battery preheating and its first periods. Plant parameter setting; M1-HYA and M1-HYB models.

    Start and end are seconds of plant-local time.
    """

    device = DeviceKind.PLANT
    tier = Tier.STATIC
    all_or_nothing = True

    ess_preheat_enable = choice(50000, OFF_ON, settable=True, since=Version.V2_9)
    ess_preheat_mode = choice(50001, PREHEAT_MODE, settable=True, since=Version.V2_9)
    ess_preheat_advance_enable = choice(50002, OFF_ON, settable=True, since=Version.V2_9)
    ess_preheat_tou_01_start = u32(50003, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_01_end = u32(50005, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_01_power = s32(50007, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_02_start = u32(50009, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_02_end = u32(50011, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_02_power = s32(50013, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_03_start = u32(50015, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_03_end = u32(50017, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_03_power = s32(50019, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_04_start = u32(50021, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_04_end = u32(50023, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_04_power = s32(50025, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_05_start = u32(50027, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_05_end = u32(50029, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_05_power = s32(50031, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_06_start = u32(50033, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_06_end = u32(50035, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_06_power = s32(50037, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_07_start = u32(50039, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_07_end = u32(50041, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_07_power = s32(50043, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_08_start = u32(50045, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_08_end = u32(50047, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_08_power = s32(50049, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_09_start = u32(50051, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_09_end = u32(50053, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_09_power = s32(50055, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_10_start = u32(50057, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_10_end = u32(50059, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_10_power = s32(50061, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_11_start = u32(50063, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_11_end = u32(50065, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_11_power = s32(50067, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_12_start = u32(50069, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_12_end = u32(50071, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_12_power = s32(50073, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_13_start = u32(50075, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_13_end = u32(50077, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_13_power = s32(50079, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_14_start = u32(50081, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_14_end = u32(50083, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_14_power = s32(50085, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_15_start = u32(50087, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_15_end = u32(50089, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_15_power = s32(50091, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_16_start = u32(50093, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_16_end = u32(50095, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_16_power = s32(50097, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_17_start = u32(50099, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_17_end = u32(50101, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_17_power = s32(50103, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_18_start = u32(50105, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_18_end = u32(50107, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_18_power = s32(50109, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_19_start = u32(50111, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_19_end = u32(50113, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_19_power = s32(50115, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_20_start = u32(50117, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_20_end = u32(50119, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_20_power = s32(50121, "W", settable=True, since=Version.V2_9)


class PreheatMore(Table):
    """The later periods of battery preheating. Plant parameter setting; M1-HYA and M1-HYB models."""

    device = DeviceKind.PLANT
    tier = Tier.STATIC
    all_or_nothing = True

    ess_preheat_tou_21_start = u32(50123, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_21_end = u32(50125, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_21_power = s32(50127, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_22_start = u32(50129, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_22_end = u32(50131, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_22_power = s32(50133, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_23_start = u32(50135, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_23_end = u32(50137, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_23_power = s32(50139, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_24_start = u32(50141, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_24_end = u32(50143, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_24_power = s32(50145, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_25_start = u32(50147, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_25_end = u32(50149, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_25_power = s32(50151, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_26_start = u32(50153, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_26_end = u32(50155, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_26_power = s32(50157, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_27_start = u32(50159, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_27_end = u32(50161, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_27_power = s32(50163, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_28_start = u32(50165, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_28_end = u32(50167, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_28_power = s32(50169, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_29_start = u32(50171, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_29_end = u32(50173, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_29_power = s32(50175, "W", settable=True, since=Version.V2_9)
    ess_preheat_tou_30_start = u32(50177, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_30_end = u32(50179, "s", settable=True, since=Version.V2_9)
    ess_preheat_tou_30_power = s32(50181, "W", settable=True, since=Version.V2_9)
    ess_preheat_reserved_soc = u16(50183, "%", 0.01, settable=True, since=Version.V2_9)
