"""A derivation: which theorem gave a bound, from which potential and drift, and the premises on which it rests.

It is a graph from the result down to its premises (:meth:`Derivation.graph`). A premise carries a :class:`theory.facts.Fact`:
data that can be evaluated again, which :meth:`Derivation.replay` does for all of them. Sentences (``steps``) explain why the
premises hold; nothing rests on them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sympy import Expr

from theory.errors import InputError

if TYPE_CHECKING:
    import networkx

    from theory.facts import Fact, Outcome
    from theory.lemmas import Applied

VERSION = 1  # of the JSON form


@dataclass(frozen=True)
class Check:
    """One premise of a derivation and how it was found to hold.

    Attributes
    ----------
    condition : str
        The condition, as a formula or in words.
    how : str
        How it was checked: "symbolically", "exactly for k = 1, ..., 12", "by ball arithmetic", "by construction", ...
    kind : {"necessary", "technical", "premise", "conclusion"}
        Necessary: a counter-example shows that the theorem's conclusion fails without it. Technical: its proof uses it. Premise:
        something about the process that is put into the theorem. Conclusion: the bound itself, where it can be computed.
    fact : Fact, optional
        The condition as data, which can be replayed.
    """

    condition: str
    how: str
    kind: str = "necessary"
    fact: Fact | None = None

    def __str__(self) -> str:
        return f"{self.condition} ({self.kind}): {self.how}"


@dataclass(frozen=True)
class Replay:
    """What replaying the premises of a derivation gave, one outcome a premise, in the order of the graph."""

    outcomes: tuple[tuple[Check, Outcome], ...]

    @property
    def holds(self) -> bool | None:
        """False if a premise failed, None if one could not be decided (declared and cited ones included), else True."""
        found = [outcome.holds for _, outcome in self.outcomes]
        return False if False in found else None if None in found or not found else True

    def __str__(self) -> str:
        return "\n".join(f"{check.condition}: {outcome}" for check, outcome in self.outcomes)


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
    lemmas : tuple of Derivation
        Derivations of what is used here.
    drift_expr : sympy.Expr, optional
        The drift bound as an expression in the potential's symbol.
    potential_expr : sympy.Expr, optional
    conclusion : Applied, optional
        The last step: a lemma of the book and what is put into it; it gives the bound's formula again.

    Examples
    --------
    >>> from theory import k, n
    >>> from theory.drift import MultiplicativeDrift
    >>> derivation = MultiplicativeDrift.apply(k / n, start=n).derivation
    >>> Derivation.from_json(derivation.to_json()) == derivation
    True
    >>> derivation.replay().holds
    True
    """

    theorem: str
    statement: str = ""
    potential: str = ""
    drift: str = ""
    range: str = ""
    steps: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    drift_expr: Expr | None = field(default=None)
    potential_expr: Expr | None = field(default=None)
    lemmas: tuple[Derivation, ...] = ()
    conclusion: Applied | None = None

    # ---- premises

    def premises(self) -> Iterator[Check]:
        """Every premise that carries a fact, those of the lemmas included."""
        for lemma in self.lemmas:
            yield from lemma.premises()
        yield from (check for check in self.checks if check.fact is not None)

    def replay(self) -> Replay:
        """Evaluate every premise again, from its data alone.

        Returns
        -------
        Replay
            With ``holds`` and one outcome a premise. It may take seconds: chains are built anew, sums are enclosed in balls.
        """
        found: list[tuple[Check, Outcome]] = []
        for check in self.premises():
            if check.fact is not None:  # lemmas share premises: each is evaluated once
                known = next((outcome for other, outcome in found if other.fact == check.fact), None)
                found.append((check, check.fact.replay() if known is None else known))
        return Replay(tuple(found))

    def graph(self, result: str = "the bound") -> networkx.DiGraph:
        """The derivation as a graph: edges lead from what is concluded to what it rests on.

        Parameters
        ----------
        result : str
            Text of the node of the result, which is node 0.

        Returns
        -------
        networkx.DiGraph
            Nodes have ``kind`` ("result", "theorem", "potential", "drift", "condition", "fact", "reason") and ``text``; a
            condition has ``how`` and ``necessity``, a fact its ``fact``.

        Examples
        --------
        >>> from theory import OneMax, RLS
        >>> graph = RLS().on(OneMax()).bounds()[0].derivation.graph()
        >>> [graph.nodes[node]["kind"] for node in graph.successors(0)]
        ['theorem']
        """
        import networkx as nx

        graph = nx.DiGraph()

        def add(kind: str, text: str, above: int | None, **data: Any) -> int:
            node = len(graph)
            graph.add_node(node, kind=kind, text=text, **data)
            if above is not None:
                graph.add_edge(above, node)
            return node

        def grow(derivation: Derivation, above: int) -> None:
            theorem = add("theorem", derivation.theorem, above, statement=derivation.statement)
            if derivation.potential:
                add("potential", derivation.potential, theorem)
            drift = theorem
            if derivation.drift:
                drift = add("drift", derivation.drift + (f" for {derivation.range}" if derivation.range else ""), theorem)
            for step in derivation.steps:
                add("reason", step, drift)
            for check in derivation.checks:
                node = add("condition", check.condition, theorem, how=check.how, necessity=check.kind)
                if check.fact is not None:
                    add("fact", check.fact.text, node, fact=check.fact)
            for lemma in derivation.lemmas:
                grow(lemma, theorem)

        grow(self, add("result", result, None))
        return graph

    # ---- text

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        lines = [f"By {self.theorem}" + (f": {self.statement}" if self.statement else ".")]
        lines += [f"Potential: {self.potential}."] if self.potential else []
        lines += [f"Drift: {self.drift}" + (f" for {self.range}" if self.range else "") + "."] if self.drift else []
        lines += [f"  - {step}" for step in self.steps]
        lines += ["Conditions:"] if self.checks else []
        lines += [f"  - {check}" for check in self.checks]
        for lemma in self.lemmas:
            lines += ["Lemma:", *("  " + line for line in lemma._lines())]
        return lines

    def markdown(self, result: str = "") -> str:
        """The proof sketch in Markdown.

        Parameters
        ----------
        result : str
            The statement that is proved, as text or as a formula between dollar signs.
        """
        lines = [f"**Claim.** {result}", ""] if result else []
        return "\n".join(lines + self._markdown(0)) + "\n"

    def _markdown(self, depth: int) -> list[str]:
        indent = "  " * depth
        lines = [
            f"{indent}{'*Lemma.*' if depth else '*Proof sketch.*'} By {self.theorem}"
            + (f": {self.statement}." if self.statement else ".")
        ]
        lines += [f"{indent}- Potential: {self.potential}"] if self.potential else []
        lines += [f"{indent}- Drift: {self.drift}" + (f", for {self.range}" if self.range else "")] if self.drift else []
        lines += [f"{indent}- {step}" for step in self.steps]
        for check in self.checks:
            lines.append(f"{indent}- [{check.kind}] {check.condition}: {check.how}")
            if check.fact is not None and check.fact.text != check.condition:
                lines.append(f"{indent}  - as data: `{check.fact.text}`")
        for lemma in self.lemmas:
            lines += lemma._markdown(depth + 1)
        return lines

    def latex(self, result: str = "") -> str:
        r"""The proof sketch in LaTeX (needs no packages).

        >>> from theory import OneMax, RLS
        >>> print(RLS().on(OneMax()).bounds()[0].derivation.latex().splitlines()[0])
        \begin{proof}[Proof sketch]
        """
        head = [rf"\begin{{theorem}}{result}\end{{theorem}}"] if result else []
        return "\n".join([*head, r"\begin{proof}[Proof sketch]", *self._latex(), r"\end{proof}"]) + "\n"

    def _latex(self) -> list[str]:
        from theory.text import latex

        lines = [f"By {plain_to_latex(self.theorem)}" + (f": {plain_to_latex(self.statement)}." if self.statement else ".")]
        lines += [f"Potential: {plain_to_latex(self.potential)}."] if self.potential else []
        if self.drift:
            formula = f" (bound: ${latex(self.drift_expr)}$)" if self.drift_expr is not None else ""
            lines += [
                f"Drift: {plain_to_latex(self.drift)}{formula}" + (f", for {plain_to_latex(self.range)}." if self.range else ".")
            ]
        lines += [plain_to_latex(step) for step in self.steps]
        if self.checks:
            items = [
                rf"  \item {plain_to_latex(check.condition)} ({check.kind}): {plain_to_latex(check.how)}."
                for check in self.checks
            ]
            lines += [r"\begin{itemize}", *items, r"\end{itemize}"]
        for lemma in self.lemmas:
            lines += [r"\begin{quote}Lemma.", *lemma._latex(), r"\end{quote}"]
        return lines

    # ---- JSON

    def to_json(self) -> str:
        """The whole derivation, facts included, as JSON text; :meth:`from_json` gives back an equal one."""
        from theory.serial import encode

        return json.dumps({"driftproof derivation": VERSION, **encode(self)})

    @classmethod
    def from_json(cls, text: str) -> Derivation:
        """Read what :meth:`to_json` wrote; nothing that a document says is executed.

        Raises
        ------
        InputError
            If it isn't such a document.
        """
        from theory.serial import decode

        try:
            document = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise InputError("text: is not JSON; give what Derivation.to_json returned") from None
        if not isinstance(document, dict) or "driftproof derivation" not in document:
            raise InputError("text: is not a derivation; give what Derivation.to_json returned")
        if document.pop("driftproof derivation") != VERSION:
            raise InputError(f"text: has another version than {VERSION}; it was written by another version of driftproof")
        result = decode(document)
        if not isinstance(result, cls):
            raise InputError("text: is not a derivation; give what Derivation.to_json returned")
        return result


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$",
}  # fmt: skip


_MATHS = re.compile(r"(?P<sign><=|>=|->)|\b(?P<base>[A-Za-z])_(?P<index>\w+(?:\+\d+)?)|\^(?P<power>\+|\w+|\([^()]*\))")
_SIGNS = {"<=": r"$\le$", ">=": r"$\ge$", "->": r"$\to$"}


def plain_to_latex(text: str) -> str:
    """Plain text for LaTeX, with its signs, indices and powers in mathematics.

    >>> print(plain_to_latex("P[X_t+1 >= 2] <= n^2"))
    P[$X_{t+1}$ $\\ge$ 2] $\\le$ n$^{2}$
    """
    done, last = [], 0
    for match in _MATHS.finditer(text):
        done.append(_escaped(text[last : match.start()]))
        if match["sign"]:
            done.append(_SIGNS[match["sign"]])
        elif match["base"]:
            done.append(f"${match['base']}_{{{_index(match['index'])}}}$")
        else:
            done.append(f"$^{{{_index(match['power'].removeprefix('(').removesuffix(')'))}}}$")
        last = match.end()
    return "".join([*done, _escaped(text[last:])])


def _index(text: str) -> str:
    """An index or a power: letters as they are, words upright."""
    return re.sub(r"[A-Za-z]{2,}", lambda word: rf"\mathrm{{{word[0]}}}", text).replace("_", r"\_").replace("%", r"\%")


def _escaped(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)
