"""Texts from the command line to values. Each error names the argument and says what would be right."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from theory import Process

# Here as text, so that --help imports nothing; a test holds them against the registry.
ALGORITHMS = (
    "one-plus-one-ea, rls(flips=2), metropolis(alpha=n), fast-ea, self-adjusting-ea(rule=one-fifth), one-plus-lambda-ea(lam=10), "
    "one-comma-lambda-ea(lam=10), mu-plus-one-ea(mu=10), one-plus-lambda-lambda-ga, compact-ga(K=sqrt(n)), umda(mu=10,lam=20)"
)
PROBLEMS = (
    "one-max, leading-ones, bin-val, linear(weights=@w.csv), needle, jump(gap=3), plateau(radius=2), trap, royal-road(block=4), "
    "w-model(epistasis=4), deceptive-leading-blocks, concatenated-trap, partially-ordered-ea, dynamic-bin-val, dynamic-linear, "
    "hot-topic, hidden-subset, initial-segment, max-cut(graph=@edges.csv), minimum-spanning-tree(graph=@edges.csv), "
    "vertex-cover(graph=@edges.csv), graph-colouring(graph=@edges.csv,colours=3), eulerian-cycle(graph=@edges.csv)"
)


def add_process(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe a process."""
    parser.add_argument("--algorithm", metavar="NAME", help=f"in quotes where it has brackets: {ALGORITHMS}")
    parser.add_argument(
        "--rate",
        metavar="FORMULA",
        help="mutation rate in n, c, t, k, v: 'c/n', '1/(v+1)', 'LogSchedule()'; on initial-segment in i: '1/(i+1)'",
    )
    parser.add_argument("--problem", metavar="NAME", help=f"likewise: {PROBLEMS}")


def process_from(arguments: argparse.Namespace) -> Process:
    """The process that the options describe."""
    for name, example in (("algorithm", "one-plus-one-ea"), ("problem", "onemax")):
        if getattr(arguments, name) is None:
            raise UsageError(f"{name}: missing; give one, e.g. --{name} {example}")
    from theory import registry

    algorithm = registry.algorithm(arguments.algorithm, arguments.rate)
    return algorithm.on(registry.problem(arguments.problem))


def values_from(text: str, argument: str = "at") -> dict[str, Any]:
    """Read ``n=1000,c=1``; the numbers stay exact (``c=0.1`` is one tenth, ``c=1/3`` a third).

    >>> values_from("n=1e3, c=1/2")
    {'n': 1000, 'c': Fraction(1, 2)}
    """
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not name or not equals or not number:
            raise UsageError(f"{argument}: {part.strip() or text!r} is not name=number; write it like n=1000,c=1")
        if name in values:
            raise UsageError(f"{argument}: {name} is given twice in {text!r}; give it once")
        values[name] = number_from(number, name)
    return values


def number_from(text: str, argument: str) -> int | Fraction:
    """A number from its decimal text, from one like 1e7, or from a fraction."""
    match = re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?(/\d+)?", text.strip())
    if match is None or len(text) > 60:
        raise UsageError(f"{argument}: {text[:60]!r} is not a number; write one like 1000, 0.5, 1e7 or 1/3")
    try:
        top, _, bottom = text.strip().partition("/")
        value = Fraction(top) / Fraction(bottom or 1)
    except ZeroDivisionError:
        raise UsageError(f"{argument}: {text!r} divides by zero") from None
    return int(value) if value.denominator == 1 else value


def integer_from(text: str, argument: str, least: int) -> int:
    """A whole number, 1e7 included.

    >>> integer_from("1e7", "budget", 1)
    10000000
    """
    value = number_from(text, argument)
    if not isinstance(value, int) or value < least:
        right = "a positive integer" if least == 1 else f"an integer of at least {least}"
        raise UsageError(f"{argument}: {text} must be {right}")
    return value


def start_from(text: str) -> Any:
    """A start: uniform, zeros, worst, a number of zero-bits, or bits=0110 (bits=@FILE reads the zeros and ones from a file).

    >>> start_from("Zeros"), start_from("12"), start_from("bits=011").tolist()
    ('zeros', 12, [0, 1, 1])
    """
    word = text.strip()
    if word.lower() in ("uniform", "zeros", "worst"):
        return word.lower()
    if re.fullmatch(r"\d{1,12}", word):
        return int(word)
    if word.startswith("bits="):
        bits = word.removeprefix("bits=")
        if bits.startswith("@"):
            try:
                bits = Path(bits[1:]).read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "not plain text"
                raise UsageError(f"start: can't read {bits[1:]}: {why}; give a file of zeros and ones") from None
        bits = "".join(bits.split())
        if bits and set(bits) <= set("01"):
            import numpy as np

            return np.frombuffer(bits.encode(), dtype=np.uint8) - ord("0")
    raise UsageError(f"start: {text[:60]!r} is none; use uniform, zeros, worst, a number of zero-bits, or bits=0110")
