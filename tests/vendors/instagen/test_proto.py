"""The compiled messages are those of storage.proto, and have the numbers of the message table."""

import csv
from pathlib import Path
import subprocess

from custom_components.energy_storage.vendors.instagen import storage_pb2

ROOT = Path(__file__).parents[3]
TYPES = {3: "int64", 5: "int32", 12: "bytes", 13: "uint32"}
FOLDER = ROOT / "custom_components/energy_storage/vendors/instagen"


def test_committed_code_is_what_the_compiler_makes(tmp_path: Path) -> None:
    """`script/protoc` makes the same files again."""
    made = subprocess.run([ROOT / "script/protoc", tmp_path], capture_output=True, text=True, check=False)  # noqa: S603  our own script
    assert made.returncode == 0, made.stderr
    for name in ("storage_pb2.py", "storage_pb2.pyi"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text(), f"run script/protoc: {name}"


def test_code_runs_on_the_oldest_protobuf_that_home_assistant_pins() -> None:
    """It says with which release it was made, and an older one would refuse it."""
    assert "Protobuf Python Version: 6.31.1" in (FOLDER / "storage_pb2.py").read_text()


def test_every_member_tells_whether_it_was_sent() -> None:
    """Otherwise a zero would be dropped on the way out, and look like nothing on the way in."""
    messages = storage_pb2.DESCRIPTOR.message_types_by_name.values()
    fields = [field for message in messages for field in message.fields]
    assert len(fields) > 300
    assert all(field.has_presence or field.is_repeated for field in fields)


def test_members_have_the_numbers_and_types_of_the_table() -> None:
    """Each of them, and the table has each of them; text is bytes, so that bad characters cost little."""
    with (Path(__file__).parent / "messages.csv").open(encoding="utf-8", newline="") as file:
        table = {
            (row["message"], row["name"]): (int(row["field_no"]), row["type"], row["repeated"] == "yes")
            for row in csv.DictReader(file)
        }
    for message in storage_pb2.DESCRIPTOR.message_types_by_name.values():
        rows = {name for kind, name in table if kind == message.name}
        assert {field.name for field in message.fields} == rows, message.name
        for field in message.fields:
            number, kind, repeated = table[message.name, field.name]
            declared = field.message_type.name if field.message_type else TYPES[field.type]
            wanted = "bytes" if kind == "string" else kind
            assert (field.number, declared, field.is_repeated) == (number, wanted, repeated), field.full_name
