"""Does X fall below 0, or between 0 and its smallest positive value? Searched for along the steps of a chain, else declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from theory.chain import Chain
from theory.derivation import Check
from theory.drift.base import Motion, _rational
from theory.errors import PreconditionError
from theory.symbols import SYMBOLS
from theory.text import formula
from theory.values import exact


def no_overshoot(drift: Any, motion: Motion, lowest: Any, values: Mapping[str, Any], *, allowed: bool = True) -> Check:
    """The check that X never falls below ``motion.lowest`` (below 0 where overshoot isn't ``allowed``)."""
    condition = f"X_t >= {formula(motion.lowest)}"
    if motion.table:
        return Check("X_t >= 0", "exactly at all states", "necessary")
    if not allowed and motion.lowest != 0:
        raise PreconditionError(
            motion.theorem, "X_t >= 0", f"lowest = {motion.lowest}", "AdditiveDriftUpper allows for overshoot"
        )
    if not isinstance(drift, Chain):
        how = "by the definition of the potential" if lowest is None else "as declared (lowest=)"
        return Check(condition, how, "necessary")
    found = _outside(drift, motion, values, gap=not allowed)
    if found is not None and found[0] < 0:
        raise PreconditionError(motion.theorem, condition, found[1], "declare lowest=, the smallest value that X can take")
    if found is not None:
        what = f"X_t = 0 or X_t >= {formula(motion.region.smallest)}{', an integer' if motion.region.integer else ''}"
        raise PreconditionError(motion.theorem, what, found[1], "declare smallest=; of a real X, write the drift in v")
    return Check(condition, "as declared by the chain (lowest=), and not refuted by 2000 of its steps", "necessary")


def _outside(chain: Chain, motion: Motion, values: Mapping[str, Any], gap: bool, rounds: int = 2000) -> tuple[int, str] | None:
    """Run a chain for a while and return a step that ends below ``lowest`` (-1 and the step) or, where the theorem asks for a
    ``gap`` above 0, between the values that X may take (1 and the step); a search, not a proof."""
    example = {name: {"n": 10, "c": 1}[name] for name in chain.needed}
    example.update({name: x for name, x in values.items() if not isinstance(x, (tuple, list))})
    checked = chain.values(**example)
    put = {SYMBOLS[name]: _rational(exact(x)) for name, x in checked.items()}
    floor, least = (float(end.subs(put)) for end in (motion.lowest, motion.region.smallest))
    rng = np.random.default_rng(0)
    extra = () if chain.arity == 2 else (int(checked.get("n", 10)), float(checked.get("c", 1)))
    measure = chain.potential.py_func if chain.potential is not None else float
    state, before = None, 0.0
    for _ in range(rounds):
        if state is None:
            state = chain.initial(checked)
            after = before = float(measure(state))
            if gap and _between(after, least, motion.region.integer):
                return 1, f"X_0 = {after:g}"
        changed = chain.step.py_func(state, rng, *extra)
        state = state if changed is None else changed
        after = float(measure(state))
        if after < floor or (gap and _between(after, least, motion.region.integer)):
            where = ", ".join(f"{x} = {y}" for x, y in example.items()) or "a step of the chain"
            return (-1 if after < floor else 1), f"X_t = {before:g}, X_t+1 = {after:g} ({where})"
        state, before = (None, 0.0) if after <= 0 else (state, after)
    return None


def _between(x: float, least: float, integer: bool) -> bool:
    """Whether X lies strictly between 0 and its smallest positive value, or is no integer though it should be one."""
    return 0 < x < least * (1 - 1e-9) or (integer and x != round(x))
