"""The experiments behind claims on synthetic runs: the truth passes, mutants are refuted, little data is inconclusive."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import binom

from proofs_check import statistics
from proofs_check.claim import Setting
from proofs_check.decide import Fact, Law, Mean, Tail, facts, laws, means, tails, worst


@dataclass(frozen=True)
class Geometric:
    """Geometric times with success probability p, in the place of simulated runs."""

    p: float = 0.05
    engine: str = "synthetic"

    def simulate(self, replicates, seed):
        times = np.random.default_rng([seed, int(1 / self.p)]).geometric(self.p, size=replicates)
        return times, np.ones(replicates, dtype=bool)

    def cdf(self):
        return 1 - (1 - self.p) ** np.arange(2000)


def setting(mutant=False, seed=1, error=0.001, effect=0.1):
    return Setting("quick", seed, error, effect, mutant)


def mean_claim(direction, value, mutant, runs=4000):
    return means(direction, lambda s: [Mean(Geometric(), lambda: value, lambda: mutant)], runs, runs)


@pytest.mark.parametrize("direction,value,mutant", [("exact", 20, 19), ("exact", 20, 22), ("upper", 25, 18), ("lower", 15, 22)])
def test_means_pass_a_true_prediction_and_refute_the_mutant(direction, value, mutant):
    decide = mean_claim(direction, value, mutant, runs=20_000)
    told = decide(setting())
    assert told.verdict == "consistent"
    assert told.prediction == value and told.interval[0] < 20 < told.interval[1]
    assert decide(setting(mutant=True)).verdict == "refuted"


def test_a_mean_claim_without_enough_runs_is_inconclusive():
    assert mean_claim("exact", 20, 19, runs=300)(setting()).verdict == "inconclusive"


def test_a_claim_is_as_good_as_its_worst_cell():
    def cells(s):
        return [Mean(Geometric(), lambda: 20, lambda: 20), Mean(Geometric(0.1), lambda: 20, lambda: 20)]

    told = means("exact", cells, 4000, 4000)(setting())
    assert told.verdict == "refuted" and told.measured == pytest.approx(10, rel=0.1)


def tail_claim(bound, mutant, runs):
    return tails(lambda s: [Tail(Geometric(), 40, bound, mutant)], runs, runs)


def test_tails_pass_a_tight_true_bound_and_refute_nine_tenths_of_it():
    bound = 0.95**40
    decide = tail_claim(bound, 0.9 * bound, 40_000)
    assert decide(setting()).verdict == "consistent"
    assert decide(setting(mutant=True)).verdict == "refuted"
    assert tail_claim(bound, 0.9 * bound, 1000)(setting()).verdict == "inconclusive"


def test_a_tight_true_tail_bound_is_refuted_no_more_often_than_the_error_rate():
    decide, repeats, error = tail_claim(0.95**40, 0.0, 2000), 500, 0.02
    refuted = sum(decide(setting(seed=seed, error=error)).verdict == "refuted" for seed in range(repeats))
    assert refuted <= binom.ppf(1 - 1e-6, repeats, error)


def law_claim(other, mutant, runs):
    return laws(lambda s: [Law(Geometric(), other, mutant)], runs, runs)


@dataclass(frozen=True)
class Again(Geometric):
    """The same law from another stream."""

    def simulate(self, replicates, seed):
        return super().simulate(replicates, seed + 1000)


def test_laws_of_two_samples_pass_when_equal_and_refute_another_success_probability(monkeypatch):
    monkeypatch.setattr("proofs_check.decide.Runs", Geometric)
    decide = law_claim(Again(), Again(0.06), 4000)
    assert decide(setting()).verdict == "consistent"
    assert decide(setting(mutant=True)).verdict == "refuted"
    assert law_claim(Again(), Again(0.06), 200)(setting()).verdict == "inconclusive"


def test_laws_against_a_table_refute_a_count_that_is_one_too_large():
    decide = laws(lambda s: [Law(Geometric(), Geometric().cdf, mutate=lambda times: times + 1)], 20_000, 20_000)
    assert decide(setting(effect=0.03)).verdict == "consistent"
    assert decide(setting(effect=0.03, mutant=True)).verdict == "refuted"


def test_equal_laws_are_told_apart_no_more_often_than_the_error_rate_and_distant_ones_with_the_stated_power():
    repeats, error, size = 2000, 0.01, 500
    rng = np.random.default_rng(5)
    one, other = rng.geometric(0.02, (repeats, size)), rng.geometric(0.02, (repeats, size))
    allowed = statistics.critical_distance(error, size, size)
    wrong = sum(statistics.law_distance(a, b) > allowed for a, b in zip(one, other))
    assert wrong <= binom.ppf(1 - 1e-6, repeats, error)
    cdf = 1 - 0.98 ** np.arange(5000)
    wrong = sum(statistics.law_distance_to(a, cdf) > statistics.critical_distance(error, size) for a in one)
    assert wrong <= binom.ppf(1 - 1e-6, repeats, error)
    far = rng.geometric(0.03, (repeats, size))
    distance = np.abs(0.98 ** np.arange(500) - 0.97 ** np.arange(500)).max()
    stated = statistics.distance_power(distance, error, size, size)
    seen = sum(statistics.law_distance(a, b) > allowed for a, b in zip(one, far))
    assert 0.5 < stated and seen >= binom.ppf(1e-6, repeats, stated)


def test_facts_are_proved_only_if_every_one_holds():
    decide = facts("proved", lambda s: [Fact("n = 1"), Fact("n = 2", "1/2 is not 1/3" if s.mutant else "")], "checked")
    assert decide(setting()).verdict == "proved"
    told = decide(setting(mutant=True))
    assert told.verdict == "refuted" and "n = 2" in told.reason


def test_the_worst_outcome_is_the_refuted_one_and_then_the_tightest():
    from proofs_check.claim import Outcome

    far, near, bad = Outcome("consistent", "far"), Outcome("consistent", "near"), Outcome("refuted", "bad")
    assert replace(worst([(0.5, "far", far), (0.1, "near", near)]), cells=()) == near
    assert replace(worst([(0.5, "bad", bad), (0.1, "near", near)]), cells=()) == bad
    assert [cell.where for cell in worst([(0.5, "bad", bad), (0.1, "near", near)]).cells] == ["bad", "near"]
