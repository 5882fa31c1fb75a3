"""A small process in the language of the PRISM model checker, so that an independent program can check the chain.

M. Kwiatkowska, G. Norman, D. Parker, *PRISM 4.0: verification of probabilistic real-time systems*, CAV 2011. The text is a dtmc
with exact fractions; ask PRISM or Storm for ``R{"steps"}=? [ F "optimal" ]``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theory.drift.tables import _chain, _names
from theory.exact.errors import NoExactMethod
from theory.exact.starts import rational_weights_by_points, rational_weights_by_zeros
from theory.exact.states import require_timeless
from theory.process import Process
from theory.starts import read_start

PROPERTY = 'R{"steps"}=? [ F "optimal" ]'
"""The property that gives E[T]."""


def to_prism(process: Process, *, start: Any = "uniform", **values: Any) -> str:
    """A process as a PRISM model whose expected reward until "optimal" is E[T].

    Parameters
    ----------
    process : Process
        On a problem in the number of zero-bits n <= 60, on others n <= 8; the rate must be rational and without t.
    start : "uniform", "zeros", int or array of bits
        A random start is drawn by a first transition that costs nothing.
    **values
        n and c.

    Returns
    -------
    str

    Raises
    ------
    InputError, NoExactMethod

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> print(to_prism(RLS().on(OneMax()), n=2, start="zeros"))
    // RLS(flips=1) on OneMax(), n = 2, start zeros
    // E[T]: R{"steps"}=? [ F "optimal" ]
    dtmc
    <BLANKLINE>
    module process
      s : [0..2] init 2;
      [] s=0 -> 1 : (s'=0); // k = 0, n = 2
      [] s=1 -> 1/2 : (s'=0) + 1/2 : (s'=1); // k = 1, n = 2
      [] s=2 -> 1 : (s'=1); // k = 2, n = 2
    endmodule
    <BLANKLINE>
    label "optimal" = s=0;
    <BLANKLINE>
    rewards "steps"
      s<=2 : 1;
    endrewards
    <BLANKLINE>
    """
    require_timeless(process)
    states, rows, _, checked = _chain(process, values, None)
    size, n = len(rows), int(checked["n"])
    where = read_start(start, process.problem, n)
    if where.kind == "worst":
        raise NoExactMethod("start: 'worst' is found by theory.exact.worst_start; give what it returns")
    weights = (rational_weights_by_zeros if size == n + 1 and process.problem.symmetric else rational_weights_by_points)(where, n)
    drawn = sum(1 for w in weights if w) > 1
    name = _names(process, size, checked)
    at = ", ".join(f"{x} = {y}" for x, y in checked.items())
    lines = [f"// {process}, {at}, start {start}", f"// E[T]: {PROPERTY}", "dtmc", "", "module process"]
    first = size if drawn else next(i for i, w in enumerate(weights) if w)
    lines.append(f"  s : [0..{size if drawn else size - 1}] init {first};")
    for i, row in enumerate(rows):
        rest = 1 - sum(row.values(), Fraction(0))
        law = {**row, **({i: rest} if rest else {})}
        lines.append(f"  [] s={i} -> {_law(law)}; // {name(i)}")
    if drawn:
        lines.append(f"  [] s={size} -> {_law({i: w for i, w in enumerate(weights) if w})}; // the start is drawn")
    ends = " | ".join(f"s={i}" for i, end in enumerate(states.end) if end)
    lines += ["endmodule", "", f'label "optimal" = {ends};', "", 'rewards "steps"', f"  s<={size - 1} : 1;", "endrewards", ""]
    return "\n".join(lines)


def _law(law: dict[int, Fraction]) -> str:
    return " + ".join(f"{chance} : (s'={to})" for to, chance in sorted(law.items()))
