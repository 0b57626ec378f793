"""Every code that a reason can have: each is told to owners, so each has a text."""

from .command import Limit

_GIVES_WAY = (*Limit, "max_charge", "max_discharge", "mode_floor")
"""What an earlier limit, or what the battery can give, may leave unheld."""

OF_MODES: tuple[str, ...] = (
    "self_consumption",
    "standby",
    "device",
    "hold",
    "force_charge",
    "force_discharge",
    "time_of_use",
    "period",
    "schedule_gap",
    "no_schedule",
    "load_shedding",
    "outage_known",
    "outage_ahead",
    "outage_not_full",
    "outage_window",
    "no_outage_known",
    "full_feed_in",
    "pv_only",
    "remote_ems",
    "dispatch",
    "no_dispatch",
    "backup",
)
"""What the mode that acts says about itself: an explanation, and nothing that limits it."""

REASONS: tuple[str, ...] = (
    *OF_MODES,
    # What a mode or an overlay makes of it.
    "target_reached",
    "floor_reached",
    "refill_reserve",
    "peak_shaving",
    "peak_shaving_reserve",
    "override_ended",
    "unknown_mode",
    "modes_in_circle",
    # The limits, in their order.
    "max_charge",
    "max_discharge",
    "rated_power",
    "charge_cutoff",
    "discharge_cutoff",
    "target_clamped",
    "floor_clamped",
    "main_fuse",
    "main_fuse_static",
    "export_limit",
    "export_limit_static",
    "backup_reserve",
    "mode_floor",
    "import_limit",
    "import_limit_static",
    "off_grid",
    "grid_charging_off",
    *(f"cannot_hold_{limit}" for limit in _GIVES_WAY),
    # What the plant cannot do, or may not without consent.
    "not_offered",
    "not_obeyed",
    "needs_unattended_consent",
    "needs_outage_consent",
    "not_outage_safe",
    # Timing.
    "small_change",
    "minimum_time",
    "not_confirmed",
    "write_budget",
    "not_widened",
    # What is not known, and who else is there.
    "waiting",
    "reading_stale",
    "reading_lost",
    "step_failed",
    "someone_else_controls",
    "held_differs",
    "released",
)

NOT_DISPATCHED = (
    "target_above_cutoff",
    "floor_below_reserve",
    "dispatch_expired",
    "dispatch_too_long",
    "dispatch_taken",
    "dispatch_not_allowed",
    "dispatch_power",
)
"""Why a dispatch is not taken at all."""

REFUSALS = ("override_without_zone", "override_length", *NOT_DISPATCHED)
"""Why an override or a dispatch is not taken at all; no decision ever has one of these."""
