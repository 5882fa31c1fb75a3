"""The claims: registered once, decided as stated, and each mutant refuted by the same experiment."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

from proofs_check import check, claims
from proofs_check.checking import PAPERS, Report
from proofs_check.claim import Claim, Outcome, Result
from proofs_check.registry import ERROR_RATES, LARGEST_SUM, TRAINING_ERROR_RATES, error_rate
from theory.errors import InputError

IDS = [claim.id for claim in claims()]


def test_every_claim_has_its_own_fixed_error_rate_and_they_add_up_to_a_hundredth_at_most():
    assert len(set(IDS)) == len(IDS)
    assert set(IDS) == {*ERROR_RATES, *TRAINING_ERROR_RATES}
    assert sum(ERROR_RATES.values()) <= LARGEST_SUM
    for claim in claims():
        assert (error_rate(claim.id) == 0) == (claim.effect == 0)


def test_claims_of_a_paper_are_its_own():
    assert {claim.paper for claim in claims("drift-revisited")} == {"drift-revisited"}
    assert set(IDS) == {
        claim.id
        for paper in ("drift-revisited", "monotone-entropy", "hidden-subset", "kf-rtrl", "ok-rtrl", "catalogue")
        for claim in claims(paper)
    }


@pytest.fixture
def runs_are_kept(monkeypatch):
    """A claim and its mutant look at the same runs, most often: they are simulated once."""
    import sim

    simulate, kept = sim.simulate, {}

    def once(*arguments, **options):
        try:
            key = pickle.dumps((arguments, options))
        except (pickle.PicklingError, AttributeError, TypeError):  # functions that a claim makes
            return simulate(*arguments, **options)
        if key not in kept:
            kept[key] = simulate(*arguments, **options)
        return kept[key]

    monkeypatch.setattr(sim, "simulate", once)


@pytest.mark.parametrize("claim", claims(), ids=IDS)
def test_a_claim_holds_and_its_mutant_is_refuted(claim, runs_are_kept):
    result = claim.run("quick")
    if result.verdict == "inconclusive" and "another type of processor" in result.outcome.reason:
        pytest.skip("a recorded run can be repeated bit for bit on the processor of its record alone")
    assert result.verdict in ("proved", "certified", "consistent"), result.outcome.reason
    assert claim.run("quick", mutant=True).verdict == "refuted"


def test_a_result_is_the_same_when_it_is_repeated():
    one, other = (check(claim="needle-mean").results[0].to_dict() for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_a_report_is_json_with_the_agreed_fields_and_prints_as_a_table():
    report = check(claim="rls-mean")
    document = json.loads(report.to_json())
    assert document["verdict"] == "consistent"
    fields = {
        "paper",
        "claim",
        "statement",
        "prediction",
        "measured",
        "interval",
        "ratio",
        "verdict",
        "seed",
        "seconds",
        "command",
    }
    assert fields <= set(document["claims"][0])
    row = document["claims"][0]
    assert row["ratio"] == pytest.approx(row["prediction"] / row["measured"])
    assert row["command"] == "driftproof check --claim rls-mean --preset quick"
    assert "rls-mean" in str(report) and "verdict: consistent" in str(report)
    assert len(report.table()) == 1


def fake(verdict):
    def decide(setting):
        if verdict == "failed":
            raise OSError("the disk\nis full")
        return Outcome(verdict, "because")

    claim = Claim("rls-mean", "drift-revisited", "a statement", "nobody", "nothing", 0.1, decide)
    return claim.run()


@pytest.mark.parametrize(
    "verdict,plain,strict", [("consistent", 0, 0), ("inconclusive", 0, 1), ("refuted", 1, 1), ("failed", 1, 1)]
)
def test_the_exit_code_is_that_of_the_contract(verdict, plain, strict):
    report = Report((fake("proved"), fake(verdict)), "quick")
    assert (report.exit_code(), report.exit_code(strict=True)) == (plain, strict)


def test_a_claim_that_breaks_off_says_why_in_one_line_and_hides_no_other():
    result = fake("failed")
    assert isinstance(result, Result)
    assert result.verdict == "failed" and result.outcome.reason == "OSError: the disk"


@pytest.mark.parametrize(
    "arguments,word",
    [
        ({"paper": "drift-revisted"}, "did you mean drift-revisited?"),
        ({"paper": "fs-rnn"}, "no claims yet"),
        ({"claim": "rls-men"}, "did you mean rls-mean?"),
        ({"claim": "rls-mean", "paper": "monotone-entropy"}, "unknown claim 'rls-mean' of monotone-entropy"),
        ({"preset": "fast"}, "unknown preset 'fast'"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_known_one(arguments, word):
    with pytest.raises(InputError, match=word.replace("?", r"\?")) as refusal:
        check(**arguments)
    assert "\n" not in str(refusal.value)


def test_all_papers_of_the_contract_are_known_names():
    assert len(PAPERS) == 15
    for paper in set(PAPERS) - {claim.paper for claim in claims()}:
        with pytest.raises(InputError, match="has no claims yet"):
            claims(paper)


def test_the_folder_and_the_function_of_one_name_do_not_get_in_each_others_way():
    code = (
        "import proofs_check.claims.drift_revisited as one; import proofs_check; from proofs_check import claims;"
        "assert claims('drift-revisited') == proofs_check.claims('drift-revisited') and one.CLAIMS[0] in claims()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_proofs_check_loads_nothing_heavy():
    heavy = {"numpy", "sympy", "numba", "scipy", "pandas", "matplotlib", "rich"}
    code = f"import sys, proofs_check; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
