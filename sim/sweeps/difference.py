"""Where two plans differ first, in words: for a store that was begun with another plan than the one at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def first_difference(begun: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first cell in which two plans differ, and how.

    Parameters
    ----------
    begun, now : dict
        Key to ``{"label": ..., "cell": description}`` of each cell, in the plan's order.

    Examples
    --------
    >>> cell = {"process": "RLS", "values": {"n": "10"}, "seed": 1}
    >>> first_difference({"a": {"label": "RLS, n=10", "cell": cell}}, {"b": {"label": "RLS, n=10", "cell": {**cell, "seed": 2}}})
    'RLS, n=10: seed is 2, was 1'
    >>> first_difference({}, {"a": {"label": "RLS, n=10"}})
    'RLS, n=10 is new'
    """
    added = [cell for key, cell in now.items() if key not in begun]
    gone = [cell for key, cell in begun.items() if key not in now]
    if not (added or gone):
        return "its cells stand in another order"
    if not added or not gone:
        return f"{_label(added[0])} is new" if added else f"{_label(gone[0])} is gone"
    was, changes = min(((cell, list(_changes(cell, added[0]))) for cell in gone), key=lambda pair: len(pair[1]))
    if not changes:  # a store without descriptions
        return f"{_label(added[0])} is new, or something of it changed"
    return f"{_label(was)}: {', '.join(changes)}"


def _label(cell: Any) -> str:
    return str(cell["label"] if isinstance(cell, Mapping) else cell)


def _changes(begun: Any, now: Any) -> Iterator[str]:
    """What is another value in one of two cells."""
    before, after = (dict(_leaves(cell.get("cell"))) if isinstance(cell, Mapping) else {} for cell in (begun, now))
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield f"{name} is {after.get(name, 'none')}, was {before.get(name, 'none')}"


def _leaves(description: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values, those of mappings within by their own names: n, not values.n."""
    if isinstance(description, Mapping):
        for inner, value in description.items():
            yield from _leaves(value, str(inner))
    elif name:
        yield name, description
