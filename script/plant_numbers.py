"""Numbers on the command line of `script/plant`."""

import argparse
import math


def magnitude(text: str) -> float:
    """Take a number from 0 up."""
    if not math.isfinite(number := float(text)) or number < 0:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 up")
    return number


def positive(text: str) -> float:
    """Take a number above 0."""
    if (number := magnitude(text)) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def whole(text: str, low: int, high: int) -> int:
    """Take a whole number, decimal or as 0x0700."""
    try:
        number = int(text, 0)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text} is no number from {low} to {high}")
    return number
