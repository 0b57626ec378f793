"""The registers of a real device, from a diagnostics file, to be served as recorded."""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

REDACTED_WORD = 0x5858
"""`XX`: stands for a word that a dump hides."""


def load(path: Path) -> Mapping[int, Mapping[int, int]]:
    """Read the registers of a dump: the bare object, or Home Assistant's diagnostics around it."""
    dump = json.loads(path.read_text(encoding="utf-8"))
    for key in ("data", "raw_registers"):
        dump = dump.get(key, dump)
    if not dump or not all(unit.isdigit() for unit in dump):
        raise ValueError(f"{path.name} holds no registers: expected unit id → address → word")
    return registers_of(dump)


def registers_of(dump: Mapping[str, Any]) -> Mapping[int, Mapping[int, int]]:
    """Turn the text keys of JSON into numbers; a word that was redacted is made up."""
    return {
        int(unit): {
            int(address): word if isinstance(word, int) else REDACTED_WORD for address, word in words.items()
        }
        for unit, words in dump.items()
    }
