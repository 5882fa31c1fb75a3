"""Several mistakes in one kernel, chosen at run time by the budget (no tests here).

A kernel for each would take seconds to compile.
"""

from __future__ import annotations

import difflib
import textwrap

FIRST = 10**7 + 1
"""The budget that chooses the first mistake; one below it the kernel is right."""


def with_choices(text: str, mistakes: list[tuple[str, str]]) -> str:
    """A template that makes mistake i, (right, wrong), at the budget FIRST + i, and none at any other.

    What differs must be whole lines: statements, or the condition of one ``if``, in a function that knows ``budget``.
    """
    lines = text.splitlines()
    places: dict[tuple[int, int], list[tuple[int, list[str]]]] = {}
    for i, (right, wrong) in enumerate(mistakes):
        assert right in text, f"the template has changed: plant anew what was {right!r}"
        other = text.replace(right, wrong).splitlines()
        for tag, a, b, first, last in difflib.SequenceMatcher(None, lines, other, autojunk=False).get_opcodes():
            if tag != "equal":
                places.setdefault((a, b), []).append((i, other[first:last]))
    for (a, b), choices in sorted(places.items(), reverse=True):  # from the end, so that line numbers stay
        assert all(b <= c or d <= a for c, d in places if (c, d) != (a, b)), "two mistakes overlap"
        lines[a:b] = _chosen(lines[a:b], choices)
    return "\n".join(lines) + "\n"


def _chosen(right: list[str], choices: list[tuple[int, list[str]]]) -> list[str]:
    some = right or choices[0][1]
    indent = some[0][: len(some[0]) - len(some[0].lstrip())]
    if some[0].lstrip().startswith("if ") and len(right) == 1:
        condition = right[0].strip()[3:-1]
        for i, wrong in choices:
            condition = f"({wrong[0].strip()[3:-1]}) if budget == {FIRST + i} else ({condition})"
        return [f"{indent}if ({condition}):"]
    result = []
    for word, (i, wrong) in zip(["if", *["elif"] * len(choices)], choices):
        result += [f"{indent}{word} budget == {FIRST + i}:", *_deeper(wrong, indent)]
    return [*result, f"{indent}else:", *_deeper(right, indent)]


def _deeper(lines: list[str], indent: str) -> list[str]:
    return textwrap.indent("\n".join(lines) or f"{indent}pass", "    ").splitlines()
