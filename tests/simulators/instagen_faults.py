"""What can go wrong with an Instagen stick, on its wire and behind it."""

from collections.abc import Mapping

from .faults import FaultKind

INSTAGEN_FAULTS: Mapping[str, FaultKind] = {
    "silence": FaultKind("nothing is answered for VALUE seconds", 10, ends=True),
    "half_open": FaultKind("connections are accepted, but those that are used meanwhile stay dead for ever"),
    "dropped_answers": FaultKind("requests are executed, answers are lost"),
    "late_answers": FaultKind("every answer leaves VALUE seconds late", 12),
    "fragmented": FaultKind("answers come in pieces of VALUE bytes", 30),
    "merged": FaultKind("a heartbeat that nobody asked for comes in one piece with the answer, before it"),
    "merged_behind": FaultKind("the same, behind the answer"),
    "garbage_before": FaultKind("VALUE bytes of garbage before HM", 7),
    "empty_answers": FaultKind("answers have a header and nothing behind it"),
    "wrong_checksum": FaultKind("answers carry a wrong checksum"),
    "wrong_sequence": FaultKind("answers carry another sequence number"),
    "wrong_serial": FaultKind("answers carry the serial number of another stick"),
    "endless_length": FaultKind("answers announce more bytes than they have"),
    "reset_in_answer": FaultKind("RST in the middle of an answer"),
    "closes_after_answer": FaultKind("the connection is closed behind every answer"),
    "closes_instead": FaultKind("the connection is closed instead of an answer"),
    "port_closed": FaultKind("the port is closed"),
    "restart": FaultKind("the stick is gone for VALUE seconds and has a new enc_random then", 30, ends=True),
    "moved": FaultKind("the stick is at another port from now on, as one with a new address"),
    "storage_silent": FaultKind("storage requests are not answered, the stick itself is"),
    "frozen_clock": FaultKind("answers go on, with the values and the clock of the moment it began"),
    "clock_wrong": FaultKind("the clock of the device is VALUE hours ahead, its windows too", 5),
    "counters_zero": FaultKind("today's counters are 0 in the next set of values, and right again after it"),
    "today_restarts": FaultKind("today's counters begin anew, as at midnight"),
    "grid_loss": FaultKind("the grid is gone"),
    "earth_fault": FaultKind("the insulation is bad"),
    "generator_does_not_start": FaultKind("the contact closes, the generator stays off"),
    "ignored_writes": FaultKind("writes are acknowledged and not executed"),
    "refused_writes": FaultKind("writes are answered with error VALUE, and not done", 1),
    "relay_needs_mode": FaultKind("a write without a battery mode is refused"),
    "app_changes_mode": FaultKind("the owner chooses battery mode VALUE in the app", 1),
}
