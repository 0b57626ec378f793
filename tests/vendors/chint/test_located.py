"""JSON that people write is read strictly, and what is wrong is found by line and column."""

import pytest

from custom_components.energy_storage.vendors.chint.located import NotJsonError, place_of, read_json

TEXT = """{
  "rows": [
    {"name": "one"},
\t{"name": "two",
      "scale": 0.1, "note": "\\ud83d\\ude00 \\/ ü"}
  ],
  "blocks": []
}
"""


def test_a_value_is_found() -> None:
    """By the line and column where it begins, also behind a tab."""
    assert read_json(TEXT)["rows"][1]["scale"] == 0.1
    assert place_of(TEXT, ("rows", 1, "scale")) == (5, 16)
    assert place_of(TEXT, ("rows", 1)) == (4, 2)
    assert place_of(TEXT, ()) == (1, 1)


def test_what_is_missing_is_found_where_it_should_be() -> None:
    """The nearest thing above it."""
    assert place_of(TEXT, ("rows", 1, "sign")) == (4, 2)
    assert place_of(TEXT, ("rows", 9)) == (2, 11)
    assert place_of(TEXT, ("blocks", 0, "first")) == (7, 13)


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        ('{\n  "a": 1,\n  "b": }\n', 3, 8, "Expecting value"),
        ('{\n  "a": 1,\n  "c": {"a": 2},\n  "a": 3\n}', 4, 3, "the field a stands twice"),
        ('{"a": NaN}', 1, 1, "NaN"),
        ("a: 1\nb: 2", 1, 1, "Expecting value"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ("", 1, 1, "Expecting value"),
        pytest.param("[" * 100_000, 1, 1, "nested too deeply", id="deep"),
    ],
)
def test_what_is_no_json_is_told(text: str, line: int, column: int, told: str) -> None:
    """YAML is not taken for it, nor what Python alone takes for a number."""
    with pytest.raises(NotJsonError, match=told) as caught:
        read_json(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_text_that_only_json_understands_has_no_place() -> None:
    """The error is told all the same, with the first line."""
    text = '{"a": "\u007f\u0080"}'
    assert read_json(text) == {"a": "\u007f\u0080"}
    assert place_of(text, ("a",)) == (1, 1)
