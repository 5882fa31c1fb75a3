"""Strictly monotone functions on few bits, all of them or whole families: which one is the slowest for the (1+1) EA?

``orders`` says what a function is here, ``counting`` how many there are, ``enumeration`` and ``dominance`` search all of them,
``families`` those with a structure on more bits; ``search`` is the front door. ``field`` and ``levels`` measure HotTopic.
Everything is loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from proofs_check.monotone.families import Slowest, slowest_by_family
    from proofs_check.monotone.field import Field, measured_field
    from proofs_check.monotone.levels import Hovering, hovering
    from proofs_check.monotone.orders import Order
    from proofs_check.monotone.search import Extremes, extremes

__all__ = [
    "Extremes", "Field", "Hovering", "Order", "Slowest", "extremes", "hovering", "measured_field", "slowest_by_family",
]  # fmt: skip

# No file here bears the name of a public function: importing it would put the module in the function's place.
_HOME = {
    "Extremes": "search", "extremes": "search", "Slowest": "families", "slowest_by_family": "families", "Order": "orders",
    "Field": "field", "measured_field": "field", "Hovering": "levels", "hovering": "levels",
}  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _HOME)
