"""Training claims: error rates and power of the tests by simulation, equal tuning, mutants, and how check treats them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, ttest_rel

from proofs_check import registry
from proofs_check.advantage import SEEDS, Equivalence, Superiority, power_of_equivalence, power_of_superiority, seeds_needed
from proofs_check.checking import Report
from proofs_check.registry import ERROR_RATES, LARGEST_TRAINING_SUM, TRAINING_ERROR_RATES
from proofs_check.training import Evidence, NoRecord, decide, from_records, training_claim
from proofs_check.tuning import Tuning, unfair
from proofs_check.verdict import POWER
from theory.errors import InputError

CHANCE = 1e-6  # with which each of the statistical tests below fails though all is right


def sample(rng, mean, n, noise=1.0):
    """Two methods that share what a seed gives them, and differ by ``mean`` with standard deviation ``noise``."""
    shared = 5 * rng.standard_normal(n)
    differences = mean + noise * rng.standard_normal(n)
    return {"new": dict(enumerate(shared + differences)), "old": dict(enumerate(shared))}


def share(comparison, mean, n, error, verdict, runs=6000, seed=0, effect=99.0):
    rng = np.random.default_rng(seed)
    return sum(comparison.judge(sample(rng, mean, n), error, effect).verdict == verdict for _ in range(runs)), runs


def within(count, runs, chance):
    return binom.ppf(CHANCE / 2, runs, chance) <= count <= binom.ppf(1 - CHANCE / 2, runs, chance)


SUPERIOR, EQUAL = Superiority("new", "old", margin=2.0), Equivalence("new", "old", margin=6.0, contrast="third")


@pytest.mark.parametrize("n", [5, 8, 10])
@pytest.mark.parametrize("verdict", ["consistent", "refuted"])
def test_an_advantage_equal_to_the_margin_misleads_exactly_at_the_error_rate(n, verdict):
    assert within(*share(SUPERIOR, 2.0, n, 0.05, verdict), 0.05)


@pytest.mark.parametrize("n", [5, 10])
def test_a_difference_equal_to_the_margin_is_found_equal_at_the_error_rate_and_different_at_half_of_it(n):
    assert within(*share(EQUAL, 6.0, n, 0.05, "consistent"), 0.05)
    assert within(*share(EQUAL, -6.0, n, 0.05, "refuted"), 0.025)


def test_small_error_rates_are_kept():
    assert within(*share(SUPERIOR, 2.0, 5, 0.002, "consistent", runs=20_000), 0.002)


@pytest.mark.parametrize("n, effect", [(5, 4.5), (8, 2.3), (10, 1.8), (5, 1.5)])
def test_the_power_of_superiority_is_that_of_simulated_seeds(n, effect):
    power = power_of_superiority(effect, n, 0.01)
    assert within(*share(SUPERIOR, 2 + effect, n, 0.01, "consistent"), power)


@pytest.mark.parametrize("n, effect", [(5, 4.5), (8, 2.3), (10, 1.8), (5, 2.5)])
def test_the_power_of_equivalence_is_that_of_simulated_seeds(n, effect):
    power = power_of_equivalence(effect, n, 0.01)
    assert within(*share(Equivalence("new", "old", effect, "third"), 0.0, n, 0.01, "consistent"), power)


def test_the_power_shows_that_a_seed_too_few_is_seen():
    """The simulation can tell the right power from that of one seed fewer."""
    assert not within(*share(SUPERIOR, 2 + 1.8, 10, 0.01, "consistent"), power_of_superiority(1.8, 7, 0.01))


def test_the_asked_for_seeds_have_the_power_at_the_rate_of_thirty_claims():
    for effect, n in SEEDS:
        assert power_of_superiority(effect, n, LARGEST_TRAINING_SUM / 30) >= POWER
    assert [seeds_needed(x) for x in (4.49, 2.29, 1.79)] == [8, 10, None]


@pytest.mark.parametrize("seed", range(4))
def test_the_test_is_the_paired_t_test(seed):
    values = sample(np.random.default_rng(seed), 3.0, 6)
    new, old = (np.array(list(values[name].values())) for name in ("new", "old"))
    p = ttest_rel(new - 2.0, old, alternative="greater").pvalue
    for error in (p * 1.001, p / 1.001):
        assert (SUPERIOR.judge(values, error, 99.0).verdict == "consistent") == (error > p)
    lower = Superiority("old", "new", margin=2.0, higher=False)  # smaller values are better
    assert lower.judge(values, 0.05, 99.0).measured == pytest.approx(np.mean(new - old))


# ---- the whole verdict


def evidence(gap=10.0, n=5, pilot_gap=None, extra=()):
    rng = np.random.default_rng(3)
    values = sample(rng, gap, n)
    pilot = sample(rng, gap if pilot_gap is None else pilot_gap, 3, 0.5)
    pilot = {name: {seed + 50: value for seed, value in runs.items()} for name, runs in pilot.items()}
    grid = {"rate=0.1": {90: 1.0, 91: 2.0}, "rate=0.01": {90: 4.0, 91: 5.0}}
    names = ("new", "old", *extra)
    values |= {name: {seed: x + 40 for seed, x in values["old"].items()} for name in extra}
    return Evidence(values, pilot, dict.fromkeys(names, Tuning(grid, "rate=0.01")))


def test_a_clear_advantage_is_consistent_and_its_mutant_refuted():
    right, mutant = (decide(SUPERIOR, evidence(), 0.0016, 4.5, mutant) for mutant in (False, True))
    assert right.verdict == "consistent" and right.power >= POWER and right.interval[0] > 2 == right.prediction
    assert mutant.verdict == "refuted" and mutant.measured == pytest.approx(-right.measured)
    cells = {cell.where.partition(", mean")[0]: cell.measured for cell in right.cells}
    assert cells["old"] == pytest.approx(np.mean(list(evidence().values["old"].values())))
    assert cells["tuning old at rate=0.1"] == 1.5 and cells["tuning old at rate=0.01, chosen"] == 4.5


def test_an_equality_is_consistent_and_its_mutant_with_the_third_method_refuted():
    wide = replace(EQUAL, margin=9.0)
    given = evidence(gap=0.0, n=8, extra=("third",))
    assert decide(wide, given, 0.0016, 4.5).verdict == "consistent"
    assert decide(wide, given, 0.0016, 4.5, mutant=True).verdict == "refuted"


def with_tuning(name, **changes):
    given = evidence()
    return replace(given, tuning={**given.tuning, name: replace(given.tuning[name], **changes)})


FEWER = {"rate=0.1": {90: 1.0}, "rate=0.01": {90: 4.0, 91: 5.0}}
OTHER = {"rate=0.2": {90: 1.0, 91: 2.0}, "rate=0.01": {90: 4.0, 91: 5.0}}
SAME_SEEDS = {"rate=0.1": {0: 1.0, 91: 2.0}, "rate=0.01": {90: 4.0, 91: 5.0}}
BROKEN = {"rate=0.1": {90: 9.0, 91: math.nan}, "rate=0.01": {90: 4.0, 91: 5.0}}


@pytest.mark.parametrize(
    "given, words",
    [
        (with_tuning("old", grid=FEWER), "different numbers of trials"),
        (with_tuning("old", grid=OTHER), "different grids"),
        (with_tuning("old", grid=SAME_SEEDS), "tuned on seed 0, which serves the verdict"),
        (with_tuning("old", chosen="rate=0.1"), "not the best"),
        (with_tuning("old", chosen="rate=7"), "not on its grid"),
        (replace(evidence(), tuning={}), "new was not tuned"),
        (replace(evidence(), values={"new": {0: 1.0}}), "no values of old"),
        (replace(evidence(), values={"new": {0: 1.0, 1: 2.0}, "old": {0: 1.0, 2: 2.0}}), "needed|same seeds"),
        (replace(evidence(), pilot={}), "no values of new"),
        (replace(evidence(), pilot=evidence().values), "pilot seed 0 serves the verdict"),
        (evidence(pilot_gap=2.5), "less than the declared 4.5"),
        (evidence(n=4), "4 seeds, 5 are needed"),
    ],
)
def test_what_is_missing_or_unfair_makes_a_claim_inconclusive_and_says_so(given, words):
    outcome = decide(SUPERIOR, given, 0.0016, 4.5)
    assert outcome.verdict == "inconclusive"
    assert any(word in outcome.reason for word in words.split("|")), outcome.reason


def test_a_run_that_diverged_is_the_worst_trial_and_decides_no_claim():
    tuned = with_tuning("old", grid=BROKEN)
    assert unfair(tuned.tuning, ("new", "old"), True, range(5)) == ""
    lost = replace(evidence(), values={"new": {0: 1.0, 1: 2.0}, "old": {0: 1.0, 1: math.nan}})
    with pytest.raises(Exception, match="old has no finite value on seed 1"):
        SUPERIOR.judge(lost.values, 0.01, 4.5)


def test_a_small_effect_is_reported_as_found():
    outcome = decide(SUPERIOR, evidence(), 0.0016, 1.7)
    assert outcome.verdict == "inconclusive" and outcome.reason.startswith("reported as found")


def test_an_effect_that_the_seeds_can_not_show_is_inconclusive():
    assert decide(SUPERIOR, evidence(), 1e-5, 4.5).verdict == "inconclusive"  # power far below 0.9 at that rate


def test_rounded_values_have_at_least_the_spread_of_their_rounding():
    values = {"new": dict.fromkeys(range(5), 9.0), "old": dict.fromkeys(range(5), 4.0)}
    with pytest.raises(Exception, match="don't vary"):
        SUPERIOR.judge(values, 0.01, 4.5)
    outcome = replace(SUPERIOR, resolution=1.0).judge(values, 0.01, 4.5)
    assert outcome.verdict == "consistent" and outcome.interval[0] < 5 < outcome.interval[1]


def test_a_constant_needs_no_tuning():
    given = evidence()
    values = {"new": given.values["new"], "bigram": dict.fromkeys(range(5), -30.0)}
    pilot = {"new": given.pilot["new"], "bigram": dict.fromkeys(range(50, 53), -30.0)}
    against = Superiority("new", "bigram", margin=0.0)
    told = Evidence(values, pilot, {"new": given.tuning["new"]}, fixed=("bigram",))
    assert decide(against, told, 0.0016, 1.8).verdict != "consistent"  # five seeds don't do for that effect
    assert "needed" in decide(against, told, 0.0016, 1.8).reason


# ---- as a claim of check


def claim(load):
    return training_claim("made-up", "ok-rtrl", "a statement", "nobody", SUPERIOR, load, effect=4.5)


def missing():
    raise NoRecord("records/ok-rtrl.copy.json is stale; driftproof train ok-rtrl.copy --record makes it anew")


def test_the_family_of_training_claims_has_a_sum_and_names_of_its_own():
    assert sum(TRAINING_ERROR_RATES.values()) <= LARGEST_TRAINING_SUM == 0.05
    assert not TRAINING_ERROR_RATES.keys() & ERROR_RATES.keys() and all(rate > 0 for rate in TRAINING_ERROR_RATES.values())


def test_a_stale_record_is_inconclusive_and_an_error_only_where_strict(monkeypatch):
    monkeypatch.setitem(registry.TRAINING_ERROR_RATES, "made-up", 0.0016)
    result = claim(missing).run()
    assert result.verdict == "inconclusive" and "stale" in result.outcome.reason
    report = Report((result,), "quick")
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)
    assert report.to_dict()["claims"][0]["error"] == 0.0016


def test_a_claim_on_records_is_decided_and_its_mutant_refuted(monkeypatch):
    monkeypatch.setitem(registry.TRAINING_ERROR_RATES, "made-up", 0.0016)
    one = claim(evidence)
    assert one.run().verdict == "consistent" and one.run(mutant=True).verdict == "refuted"
    assert "swapped" in one.mutant and len(one.run().outcome.cells) == 2 + 4  # seeds of two methods, two settings of each


class FakeRecord:
    """The value of a seed is the config's number plus a hundredth of the seed; seed 7 is missing."""

    def __init__(self, config):
        self.config = config

    def values(self, metric, seeds):
        if 7 in seeds:
            raise InputError(f"metric: {metric} of seed 7 isn't recorded in a file")
        return [self.config + seed / 100 for seed in seeds]


GRIDS = {"new": {"a": 3.0, "b": 9.0}, "old": {"a": 2.0, "b": 1.0}}


def read(load=lambda experiment, config: FakeRecord(config), chosen=("b", "a"), verdict=range(5)):
    seeds = dict(verdict=verdict, pilot=range(10, 13), tuning=(20, 21))
    return from_records("ok-rtrl.copy", "train/T", GRIDS, dict(zip(GRIDS, chosen)), load=load, **seeds)


def test_records_become_evidence_seed_by_seed():
    found = read()
    assert found.values["new"] == {seed: 9 + seed / 100 for seed in range(5)} and set(found.pilot["old"]) == {10, 11, 12}
    assert found.tuning["old"] == Tuning({"a": {20: 2.2, 21: 2.21}, "b": {20: 1.2, 21: 1.21}}, "a")
    assert unfair(found.tuning, GRIDS, True, found.values["new"]) == ""
    wrong = read(chosen=("a", "a"))
    assert unfair(wrong.tuning, GRIDS, True, range(5)) == "new: a is not the best of its grid"


def test_a_record_or_a_seed_that_is_missing_is_told():
    with pytest.raises(NoRecord, match="is stale"):
        read(load=lambda experiment, config: "the record x is stale")
    with pytest.raises(NoRecord, match="seed 7 isn't recorded"):
        read(verdict=range(5, 9))


def test_without_a_records_folder_a_claim_says_what_to_make():
    from nets import experiment

    config = experiment("ok-rtrl.copy").presets["smoke"]
    with pytest.raises(NoRecord, match="record"):
        from_records("ok-rtrl.copy", "none/such", {"OK": {"a": config}}, {"OK": "a"}, verdict=[10**6], pilot=[1], tuning=[2])
