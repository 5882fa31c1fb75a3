"""The law of one step: drift of a potential and transition probabilities, symbolically where a closed form exists.

Drift is E[X_t - X_{t+1} | X_t]: positive means progress.

*OneMax.* From k zero-bits, a of them and b one-bits flip, independently Bin(k, p) and Bin(n - k, p); the offspring is accepted
iff a >= b, and the state changes iff a > b. So the drift of a potential g is the finite sum over b < a of
(g(k) - g(k - a + b)) P(a) P(b), whatever the rule for ties.

*LeadingOnes.* In a run from a uniform start the bits behind the first zero-bit are uniform at every time (Droste, Jansen,
Wegener, TCS 276, 2002), so the level v is a Markov chain: with probability p (1 - p)^v it rises, by 1 + Geometric many.
Everything here about levels speaks of such runs.

With numbers (``n=...``) any potential is taken: an expression, an array, or a Python function of the bits. That is also the
way to numbers: sympy's own ``Sum.doit()`` adds up sums of fewer than 100 terms, and gets lost in longer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Integer, Rational, Sum, Symbol, binomial

from theory.algorithms import OnePlusOneEA
from theory.errors import InputError
from theory.parse import expression
from theory.problems import LeadingOnes, OneMax
from theory.process import Process
from theory.symbols import c, k, n, t, v
from theory.values import number

a = Symbol("a", integer=True, nonnegative=True)  # zero-bits that flip
b = Symbol("b", integer=True, nonnegative=True)  # one-bits that flip
j = Symbol("j", integer=True, nonnegative=True)
_LARGEST_FULL = 12


def drift(process: Process, potential: Any = None, **values: Any) -> Any:
    """Expected decrease of a potential in one step.

    Parameters
    ----------
    process : Process
    potential : expression in k or v, array, mapping, or Python function; optional
        Default: k, the number of zero-bits; for LeadingOnes n - v. An array (or mapping from index) has n + 1 entries, by k
        or on LeadingOnes by v, or 2^n entries, by the point read as a binary number, x_1 most significant, in canonical form.
        A function takes the bits of a point in canonical form.
    **values
        n, c, and t for a rate that depends on it. Without them the result is an expression.

    Returns
    -------
    sympy.Expr
        Without values: in n, c, t and k (OneMax) or v (LeadingOnes, uniform bits behind the first zero-bit).
    float array
        With values, shape (n + 1,): by k on problems that depend on k alone, by v on LeadingOnes; shape (2^n,): by point
        elsewhere (n <= 12). Zero where the run has ended.

    Raises
    ------
    InputError
        Where there is no closed form, and for potentials that don't fit.

    Examples
    --------
    >>> from theory import RLS, OnePlusOneEA, OneMax, LeadingOnes, c, n
    >>> drift(RLS().on(OneMax()))
    k/n
    >>> drift(OnePlusOneEA(c / n).on(OneMax()), n=3, c=1).round(4).tolist()
    [0.0, 0.1481, 0.4815, 1.0]
    >>> drift(OnePlusOneEA("1/2").on(LeadingOnes()), n=2).tolist()
    [0.75, 0.25, 0.0]
    """
    process = _single(process).core
    if values or process.problem.fixed_n is not None:
        return _drift_numbers(process, potential, dict(values))
    if not process.algorithm.elitist:
        return _metropolis_drift(process, potential)
    if isinstance(process.problem, OneMax):
        return _onemax_drift(process, potential)
    if isinstance(process.problem, LeadingOnes):
        return _leadingones_drift(process, potential)
    raise InputError(f"problem: the drift on {process.problem} has no closed form; give values: n=...")


def transition(process: Process, *states: Any, **values: Any) -> Any:
    """Transition probabilities of one step.

    Parameters
    ----------
    process : Process
    *states : two states, or none
        From and to: numbers of zero-bits (problems that depend on k alone), levels (LeadingOnes), elsewhere points, as
        integers or arrays of canonical bits. Without values they may be expressions.
    **values
        n, c, and t for a rate that depends on it.

    Returns
    -------
    sympy.Expr, float, or float array
        An expression without values, a number with two states, the whole matrix with values alone.

    Examples
    --------
    >>> from theory import RLS, OnePlusOneEA, OneMax, LeadingOnes, k, n, v
    >>> transition(RLS().on(OneMax()), k, k - 1)
    k/n
    >>> transition(OnePlusOneEA("1/2").on(LeadingOnes()), 0, 2, n=2)
    0.25
    >>> transition(OnePlusOneEA("1/2").on(OneMax()), n=1).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    if len(states) not in (0, 2):
        raise InputError(f"states: got {len(states)}, but must be two (from, to) or none (with n=..., the whole matrix)")
    process = _single(process).core
    if values or process.problem.fixed_n is not None:
        matrix = _matrix(*_at_time(process, dict(values)))
        if not states:
            return matrix
        size = len(matrix)
        return float(matrix[_index(states[0], size, "from"), _index(states[1], size, "to")])
    if not states:
        raise InputError("states: give two states, or values (n=...) for the whole matrix")
    if not process.algorithm.elitist:
        raise InputError(f"process: the transitions of {process} have no closed form here; give values: n=...")
    first, second = (expression(s, "state", {**_free(s), "n": n, "k": k, "v": v, "c": c}) for s in states)
    if isinstance(process.problem, OneMax):
        return _onemax_transition(process, first, second)
    if isinstance(process.problem, LeadingOnes):
        return _leadingones_transition(process, first, second)
    raise InputError(f"problem: transitions on {process.problem} have no closed form; give values: n=...")


def _single(process: Process) -> Process:
    """Refuse algorithms whose next point doesn't depend on the current one alone, by a rate or a number of flips."""
    if process.problem.space != "bits":
        raise InputError(f"problem: the points of {process.problem.name} are {process.problem.space}; measure its drift")
    if not process.algorithm.single:
        raise InputError(
            f"process: {process.algorithm.name} is not a chain of single points that is known here; measure its drift"
        )
    return process


def first_terms(process: Process, order: int = 1) -> Expr:
    """The drift of k on OneMax, cut to at most ``order`` flipped bits; a lower bound, since every term is positive.

    >>> from theory import OnePlusOneEA, OneMax, n, c
    >>> first_terms(OnePlusOneEA(c / n).on(OneMax()))
    c*k*(-c/n + 1)**(n - 1)/n
    """
    if not isinstance(process.problem, OneMax) or process.rate is None:
        raise InputError(f"process: {process} has no such expansion; it is for standard bit mutation on OneMax")
    p = _rate_in_k(process)
    terms = [
        (ups - downs) * _expanded(k, ups) * _expanded(n - k, downs) * p ** (ups + downs) * (1 - p) ** (n - ups - downs)
        for ups in range(1, order + 1)
        for downs in range(min(ups, order - ups + 1))
    ]
    return sympy.Add(*terms)


# ---- closed forms


def _rate_in_k(process: Process) -> Expr:
    assert process.rate is not None
    return process.rate.subs(v, n - k)


def _rate_in_v(process: Process) -> Expr:
    assert process.rate is not None
    if k in process.rate.free_symbols:
        raise InputError("rate: on LeadingOnes the level v doesn't determine k; write the rate in v, or give values: n=...")
    return process.rate


def _potential_in(potential: Any, variable: Symbol, default: Expr) -> Expr:
    if potential is None:
        return default
    if callable(potential) or isinstance(potential, (np.ndarray, list, tuple, Mapping)):
        raise InputError("potential: this kind needs values: n=...; symbolically it must be an expression")
    expr = expression(potential, "potential")
    if variable == k:
        return expr.subs(v, n - k)
    if k in expr.free_symbols:
        raise InputError("potential: on LeadingOnes the level v doesn't determine k; write it in v, or give values: n=...")
    return expr


def _expanded(m: Expr, r: int) -> Expr:
    """The binomial coefficient as a polynomial."""
    return sympy.Mul(*(m - i for i in range(r))) / sympy.factorial(r)


def _metropolis_drift(process: Process, potential: Any) -> Expr:
    """One position flips: a zero-bit is gained for sure, a one-bit lost with probability 1/alpha."""
    if not isinstance(process.problem, OneMax):
        raise InputError(f"problem: the drift of {process} has no closed form; give values: n=...")
    g = _potential_in(potential, k, k)
    worse = 1 / process.algorithm.alpha  # type: ignore[attr-defined]
    return sympy.expand(k / n * (g - g.subs(k, k - 1)) + (n - k) / n * worse * (g - g.subs(k, k + 1)))


def _onemax_drift(process: Process, potential: Any) -> Expr:
    g = _potential_in(potential, k, k)
    if process.rate is None:
        r = process.algorithm.flips
        if r == 1:
            return sympy.together(k / n * (g - g.subs(k, k - 1)))
        loss = g - g.subs(k, k - 2 * a + r)
        law = binomial(k, a) * binomial(n - k, r - a) / binomial(n, r)
        return Sum(loss * law, (a, r // 2 + 1, sympy.Min(r, k)))
    p = _rate_in_k(process)
    if g == k:
        loss = sympy.Max(a - b, 0)
    else:
        loss = sympy.Piecewise((g - g.subs(k, k - a + b), sympy.Lt(b, a)), (0, True))
    law = binomial(k, a) * binomial(n - k, b) * p ** (a + b) * (1 - p) ** (n - a - b)
    # b runs to n - k and not to a - 1: sympy adds up a rectangle at once, but searches minutes for a closed form of a triangle
    return Sum(loss * law, (b, 0, n - k), (a, 1, k))


def _onemax_transition(process: Process, start: Expr, end: Expr) -> Expr:
    def change(to: Expr) -> Expr:
        if process.rate is None:
            r = process.algorithm.flips
            if r == 1:
                return sympy.Piecewise((start / n, sympy.Eq(to, start - 1)), (0, True))
            ups = (r + start - to) / 2
            law = binomial(start, ups) * binomial(n - start, r - ups) / binomial(n, r)
            return sympy.Piecewise((law, sympy.Eq(sympy.Mod(r + start - to, 2), 0) & sympy.Le(start - to, r)), (0, True))
        p = _rate_in_k(process).subs(k, start)
        downs = a - start + to
        law = binomial(start, a) * binomial(n - start, downs) * p ** (a + downs) * (1 - p) ** (n - a - downs)
        return Sum(law, (a, start - to, sympy.Min(start, n - to)))

    if process.rate is None:
        stay = 1 - (start / n if process.algorithm.flips == 1 else Sum(change(j), (j, 0, start - 1)))
    else:
        p = _rate_in_k(process).subs(k, start)
        law = binomial(start, a) * binomial(n - start, b) * p ** (a + b) * (1 - p) ** (n - a - b)
        stay = 1 - Sum(sympy.Piecewise((law, sympy.Lt(b, a)), (0, True)), (b, 0, n - start), (a, 1, start))
    return sympy.Piecewise((change(end), sympy.Lt(end, start)), (stay, sympy.Eq(end, start)), (0, True))


def _improvement(process: Process) -> Expr:
    """Probability that LeadingOnes rises from v: the first zero-bit flips and no bit before it."""
    if process.rate is not None:
        p = _rate_in_v(process)
        return p * (1 - p) ** v
    r = process.algorithm.flips
    return 1 / n if r == 1 else binomial(n - v - 1, r - 1) / binomial(n, r)


def _leadingones_drift(process: Process, potential: Any) -> Expr:
    rise = _improvement(process)
    g = _potential_in(potential, v, n - v)
    if g == n - v:
        return rise * (2 - 2 ** (v + 1 - n))
    last = g.subs(v, n)
    steps = Sum((g - g.subs(v, v + j)) * Rational(1, 2) ** j, (j, 1, n - v - 1)) + (g - last) * Rational(1, 2) ** (n - v - 1)
    return rise * steps


def _leadingones_transition(process: Process, start: Expr, end: Expr) -> Expr:
    rise = _improvement(process).subs(v, start)
    return sympy.Piecewise(
        (sympy.Piecewise((1, sympy.Eq(end, n)), (0, True)), sympy.Eq(start, n)),
        (0, sympy.Lt(end, start)),
        (1 - rise, sympy.Eq(end, start)),
        (rise * Rational(1, 2) ** (n - start - 1), sympy.Eq(end, n)),
        (rise * Rational(1, 2) ** (end - start), True),
    )


# ---- numbers


def _at_time(process: Process, values: dict[str, Any]) -> tuple[Process, dict[str, Any]]:
    """Put a value of t into the rate."""
    moment = values.pop("t", None)
    if process.rate is None or "t" not in process.rate_symbols:
        return process, values
    if moment is None:
        raise InputError("t: no value given; the rate depends on it")
    value = number(moment, "t")
    if not isinstance(value, int) or value < 1:
        raise InputError(f"t: {moment!r} must be a positive integer")
    return OnePlusOneEA(process.rate.subs(t, value), process.algorithm.strict).on(process.problem), values


def _by_counts(process: Process) -> bool:
    return process.problem.symmetric or process.problem.random_acceptance


def _by_level(process: Process) -> bool:
    return isinstance(process.problem, LeadingOnes) and "k" not in process.rate_symbols


def _matrix(process: Process, values: dict[str, Any]) -> np.ndarray:
    from theory.exact import full_transition_matrix, transition_matrix_by_zeros

    if _by_counts(process):
        return transition_matrix_by_zeros(process, **values)
    if _by_level(process):
        return _levels(process, values)
    return full_transition_matrix(process, **values)


def _levels(process: Process, values: dict[str, Any]) -> np.ndarray:
    """Transition matrix over the levels of LeadingOnes, uniform bits behind the first zero-bit."""
    checked = process.values(**values)
    size = int(checked["n"])
    rise_of = _function(_improvement(process), checked)
    matrix = np.zeros((size + 1, size + 1))
    matrix[size, size] = 1.0
    for level in range(size):
        rise = rise_of(0.0, float(level))
        matrix[level, level] = 1 - rise
        matrix[level, level + 1 :] = rise * 0.5 ** np.arange(1, size - level + 1)
        matrix[level, size] = rise * 0.5 ** (size - level - 1)
    return matrix


def _function(expr: Expr, checked: Mapping[str, Any]) -> Callable[[float, float], float]:
    """A Python function of k and v."""
    from theory.values import exact

    put = {}
    for symbol in (n, c):
        if symbol.name in checked:
            value = exact(checked[symbol.name])
            put[symbol] = Rational(value.numerator, value.denominator)
    expr = expr.subs(put)
    left = expr.free_symbols - {k, v}
    if left:
        raise InputError(f"{sorted(map(str, left))[0]}: no value given; the potential needs it")
    if expr.has(binomial, Sum):
        return lambda zeros, fitness: float(expr.subs({k: Rational(zeros), v: Rational(fitness)}).doit())
    from theory.exact.states import rate_function

    function = rate_function(expr)

    def at(zeros: float, fitness: float) -> float:
        try:
            return float(function(zeros, fitness))
        except (ZeroDivisionError, OverflowError, ValueError):
            raise InputError(f"potential: {expr} has no value at k = {zeros:g}, v = {fitness:g}") from None

    return at


def _drift_numbers(process: Process, potential: Any, values: dict[str, Any]) -> np.ndarray:
    process, values = _at_time(process, values)
    checked = process.values(**values)
    size = int(checked["n"])
    given = _indexed(potential)
    full = callable(potential) or (given is not None and len(given) != size + 1)
    if given is not None and len(given) not in (size + 1, 2**size):
        raise InputError(f"potential: has {len(given)} entries, but must have n + 1 = {size + 1} or 2^n = {2**size}")
    expr = None
    if given is None and not callable(potential):
        default = n - v if _by_level(process) else k
        expr = default if potential is None else expression(potential, "potential")
        full = full or (_by_level(process) and k in expr.free_symbols)
    if given is not None and not full and not (_by_counts(process) or _by_level(process)):
        raise InputError(f"potential: on {process.problem} it must have 2^n = {2**size} entries, one a point")
    full = full or not (_by_counts(process) or _by_level(process))
    if full:
        from theory.exact import full_transition_matrix
        from theory.exact.states import by_points, points_of

        matrix = full_transition_matrix(process, **values)
        states = by_points(process, size)
        if given is not None:
            g = given
        elif expr is None:
            g = np.array([float(potential(x)) for x in points_of(size)])
        else:
            at = _function(expr, checked)
            g = np.array([at(float(zeros), float(fitness)) for zeros, fitness in zip(states.zeros, states.fitness)])
    else:
        matrix = _matrix(process, values)
        if given is not None:
            g = given
        else:
            assert expr is not None
            at = _function(expr, checked)
            if _by_level(process):
                g = np.array([at(0.0, float(level)) for level in range(size + 1)])
            else:
                from theory.exact.states import by_zeros

                if process.problem.random_acceptance:
                    if v in expr.free_symbols:
                        raise InputError(f"potential: a point has no fitness v under {process.problem}; write it in k")
                    fitness = [size - zeros for zeros in range(size + 1)]
                else:
                    fitness = by_zeros(process, size).fitness
                g = np.array([at(float(zeros), float(fitness[zeros])) for zeros in range(size + 1)])
    if not np.isfinite(g).all():
        raise InputError(
            f"potential: is {g[~np.isfinite(g)][0]} at state {int(np.flatnonzero(~np.isfinite(g))[0])}; it must be finite"
        )
    return np.array([row @ (g[i] - g) for i, row in enumerate(matrix)])


def _indexed(potential: Any) -> np.ndarray | None:
    if isinstance(potential, Mapping):
        try:
            return np.array([float(potential[i]) for i in range(len(potential))])
        except (KeyError, TypeError, ValueError):
            raise InputError("potential: a mapping must give a number for each of 0, 1, ..., its length - 1") from None
    if isinstance(potential, (np.ndarray, list, tuple)):
        array = np.asarray(potential, dtype=float)
        if array.ndim != 1:
            raise InputError(f"potential: must be one-dimensional, got shape {array.shape}")
        return array
    return None


def _index(state: Any, size: int, argument: str) -> int:
    if isinstance(state, (np.ndarray, list, tuple)):
        state = int("".join(str(int(bit)) for bit in state), 2)
    if isinstance(state, Integer):
        state = int(state)
    if not isinstance(state, (int, np.integer)) or isinstance(state, bool) or not 0 <= state < size:
        raise InputError(f"{argument}: {state!r} must be an integer from 0 to {size - 1}, or the bits of a point")
    return int(state)


def _free(state: Any) -> dict[str, Symbol]:
    return {str(s): s for s in state.free_symbols} if isinstance(state, Expr) else {}
