"""The profiles that come with us. They are read while this module is imported: never in the event loop."""

from collections.abc import Mapping
import json
from pathlib import Path

from .schema import Rule

NAMES = ("ech_s", "ech_th", "cps_403x", "sce")
_FOLDER = Path(__file__).parent / "profiles"

TEXTS: Mapping[str, str] = {name: (_FOLDER / f"{name}.json").read_text(encoding="utf-8") for name in NAMES}
SCHEMA: Rule = json.loads((_FOLDER / "schema.json").read_text(encoding="utf-8"))
