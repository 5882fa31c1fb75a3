"""One run of a chain of the user's: step until the potential is at most 0.

``user_step(state, rng, n, c)`` and ``user_potential(state)`` are put here by :mod:`sim.kernels.chain`.
"""

from __future__ import annotations

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from theory.hooks import OBSERVE
from theory.jit import kernel


@kernel
def run_chain(state, rng, n, c, budget, stop, targets, times, hits, trajectory):
    """Return T = min{t : X_t <= 0} (the budget if that comes first) and the status.

    ``targets`` descend and are hit by X_t <= target; ``trajectory`` holds X after ``times`` (ascending) steps.
    """
    t = 0
    reached, noted = 0, 0
    code = OK
    while True:
        x = user_potential(state)  # noqa: F821
        if x != x:
            code = NOT_A_NUMBER
            break
        if OBSERVE:
            while reached < targets.size and x <= targets[reached]:
                hits[reached] = t
                reached += 1
            while noted < times.size and times[noted] == t:
                trajectory[noted] = x
                noted += 1
        if x <= 0.0:
            break
        if t >= budget:
            code = CENSORED
            break
        if t & POLL == 0 and stop[0] != 0:
            code = INTERRUPTED
            break
        state = user_step(state, rng, n, c)  # noqa: F821
        t += 1
    if OBSERVE and code == OK:
        trajectory[noted:] = x
    return t, code
