"""A derivation: which theorem gave a bound, from which potential and drift, and how each condition was checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr


@dataclass(frozen=True)
class Check:
    """One condition of a theorem and how it was found to hold.

    Attributes
    ----------
    condition : str
        The condition, as a formula or in words.
    how : str
        How it was checked: "symbolically", "exactly for k = 1, ..., 12", "by ball arithmetic", "by construction", ...
    kind : {"necessary", "technical"}
        Necessary: a counter-example shows that the conclusion fails without it. Technical: the proof uses it.
    formula : sympy.Expr, optional
        What was shown to be non-negative.
    """

    condition: str
    how: str
    kind: str = "necessary"
    formula: Expr | None = None

    def __str__(self) -> str:
        return f"{self.condition} ({self.kind}): {self.how}"


@dataclass(frozen=True)
class Derivation:
    """The proof that a bound carries; printed, it reads as a proof sketch.

    Attributes
    ----------
    theorem : str
        Name and source of the theorem that was applied.
    statement : str
        The theorem's conclusion in one sentence.
    potential : str
        X_t, in words or as a formula.
    drift : str
        The bound on E[X_t - X_{t+1} | X_t] that was used.
    range : str
        Where it holds.
    steps : tuple of str
        Why the drift bound holds, one sentence each.
    checks : tuple of Check
        Every condition of the theorem, and how it was checked.
    drift_expr : sympy.Expr, optional
        The drift bound as an expression in the potential's symbol.
    potential_expr : sympy.Expr, optional
    """

    theorem: str
    statement: str = ""
    potential: str = ""
    drift: str = ""
    range: str = ""
    steps: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    drift_expr: Expr | None = field(default=None, compare=False)
    potential_expr: Expr | None = field(default=None, compare=False)

    def __str__(self) -> str:
        lines = [f"By {self.theorem}" + (f": {self.statement}" if self.statement else ".")]
        lines += [f"Potential: {self.potential}."] if self.potential else []
        lines += [f"Drift: {self.drift}" + (f" for {self.range}" if self.range else "") + "."] if self.drift else []
        lines += [f"  - {step}" for step in self.steps]
        lines += ["Conditions:"] if self.checks else []
        lines += [f"  - {check}" for check in self.checks]
        return "\n".join(lines)
