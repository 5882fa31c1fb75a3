"""Every derived bound of the catalogue rests on data, and replaying the data refutes none of it."""

from __future__ import annotations

import pytest

from proofs_check.claims.catalogue import WITHOUT, name_of
from proofs_check.link import link
from theory.bounds.common import supported
from theory.catalogue import _pairs
from theory.derivation import Check, Derivation
from theory.facts import RuntimeFact

PROCESSES = [algorithm.on(problem) for algorithm, problem in _pairs()]


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: str(process)[:70])
def test_a_derived_bound_rests_on_data_that_survives_json(process):
    """That no premise is refuted when it is replayed is the claim of each pair: tests/test_claims.py decides it."""
    for bound in process.bounds("derived"):
        assert bound.derivation is not None
        if bound.direction in ("upper", "lower", "exact") and bound.quantity == "E[T]" and bound.minimise_over is None:
            if bound.condition_function is None:
                assert list(bound.derivation.premises()), str(bound)
        assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation


def test_no_premise_is_refuted_where_no_claim_speaks_of_the_pair():
    left = [process for process in PROCESSES if name_of(process) in WITHOUT]
    assert len(left) == len(WITHOUT)
    for process in left:
        for bound in process.bounds("derived"):
            assert link(bound).holds is True
            for check in bound.derivation.premises():
                assert check.fact.replay().holds is not False, f"{bound}\n{check.condition}"


def test_a_bound_that_is_too_good_is_refuted_by_its_own_data():
    caught = 0
    for process in PROCESSES:
        for bound in process.bounds("derived"):
            for check in bound.derivation.premises() if bound.derivation else ():
                if isinstance(check.fact, RuntimeFact) and check.fact.sense == "<=" and check.kind == "conclusion":
                    fact = RuntimeFact(process, check.fact.expr / 9, "<=", check.fact.start, (3,), where=check.fact.where)
                    wrong = supported(bound, Check("too good", "", "conclusion", fact))
                    assert wrong.derivation.replay().holds is False
                    caught += 1
        if caught > 3:
            break
    assert caught > 0
