"""The frame of learning results: one list of bounds, premises that replay, JSON and back, symbols of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import sympy
from sympy import Symbol

from theory import InputError
from theory.bound import Bound
from theory.derivation import Derivation
from theory.facts import Identity
from theory.learning import FILES, bounds

ALL = bounds()


def test_every_file_gives_bounds_with_labels():
    assert len(FILES) == 8 and len(ALL) >= 30
    assert all(isinstance(label, str) and label and isinstance(bound, Bound) for label, bound in ALL)


@pytest.mark.parametrize("label, bound", ALL, ids=lambda x: x if isinstance(x, str) else x.quantity)
def test_every_derived_bound_rests_on_premises_that_replay(label, bound):
    assert bound.status == "derived" and (bound.source.bibtex or label == "majority vote")
    facts = list(bound.derivation.premises())
    assert facts and bound.derivation.replay().holds is True


@pytest.mark.parametrize("label, bound", ALL, ids=lambda x: x if isinstance(x, str) else x.quantity)
def test_every_derivation_survives_json_and_has_a_sketch(label, bound):
    assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation
    assert bound.proof().startswith("**Claim.** $") and "()" not in bound.proof().splitlines()[0]
    assert "as data" in bound.proof() and bound.proof("text") and bound.latex()


@pytest.mark.parametrize("label, bound", ALL, ids=lambda x: x if isinstance(x, str) else x.quantity)
def test_a_premise_that_is_made_wrong_spoils_the_derivation(label, bound):
    wrong = Identity(sympy.Integer(1), sympy.Integer(2))
    checks = (replace(bound.derivation.checks[0], fact=wrong), *bound.derivation.checks[1:])
    assert replace(bound.derivation, checks=checks).replay().holds is False


def test_symbols_of_a_bound_are_values_with_the_domain_of_their_assumptions():
    size, share = Symbol("size", integer=True, positive=True), Symbol("share", nonnegative=True)
    bound = Bound("X", "exact", size * share, (share <= 1,))
    assert bound.needed == {"size", "share"} and bound.evaluate(size=4, share="1/2") == 2
    assert bound.evaluate(size=4, share=0) == 0 and not bound.holds_for(size=1, share=2)
    for values, names in (
        ({"size": 0, "share": 0}, "size: 0 must be positive"),
        ({"size": 1.5, "share": 0}, "size: 1.5 must be an integer"),
        ({"size": 1, "share": -1}, "share: -1 must be at least 0"),
        ({"size": 1}, "share: no value given"),
        ({"size": 1, "share": 1, "sise": 2}, "sise: unknown value"),
    ):
        with pytest.raises(InputError, match=names):
            bound.evaluate(**values)


def test_importing_theory_does_not_import_learning():
    code = "import sys, theory; sys.exit(any('learning' in name for name in sys.modules if name.startswith('theory')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
