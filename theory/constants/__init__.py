"""Constants of the theory, each derived from its equation to as many digits as asked for.

Every function takes ``digits`` (1 to 1000) and returns an mpmath number; its docstring says which equation it solves.
"""

from __future__ import annotations

from typing import Any

from theory.lazy import lazily

NAMES: dict[str, str] = {
    "dynamic_binval_threshold": "leadingones",
    "hidden_subset_alpha": "hidden_subset",
    "hidden_subset_beta": "hidden_subset",
    "hidden_subset_kappa": "hidden_subset",
    "hidden_subset_penalty": "hidden_subset",
    "hidden_subset_x": "hidden_subset",
    "hottopic_hot_fraction": "hottopic",
    "hottopic_threshold": "hottopic",
    "leadingones_optimal_cost": "leadingones",
    "leadingones_optimal_rate": "leadingones",
    "onemax_second_order": "onemax",
}
"""Function to the file that holds it."""

__all__ = list(NAMES)

__getattr__, __dir__ = lazily(__name__, NAMES)


def check_digits(digits: Any) -> int:
    """A number of digits, 1 to 1000.

    >>> check_digits(15)
    15
    """
    from theory.errors import InputError

    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 1000:
        raise InputError(f"digits: {digits!r} must be an integer from 1 to 1000")
    return digits
