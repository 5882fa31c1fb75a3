"""Without a budget one is taken from theory; where theory has nothing, or says that runs don't end, one is demanded."""

from __future__ import annotations

import pytest

from sim import simulate
from theory import RLS, UMDA, CompactGA, InputError, LeadingOnes, MuPlusOneEA, OneMax, OnePlusOneEA, SelfAdjustingEA


def test_an_exact_expectation_serves_where_no_bound_is_known():
    runs = simulate(OnePlusOneEA("Min(1/2, 3/(k+1))").on(OneMax()), n=10, replicates=20, seed=1)
    assert runs.hit.all() and runs.budget >= 1000


def test_a_process_that_need_not_end_demands_a_budget():
    with pytest.raises(InputError, match="^budget: E.T. is infinite for RLS"):
        simulate(RLS(2).on(OneMax()), n=10, replicates=20, seed=1)


POPULATIONS = [(MuPlusOneEA(5, "1/n"), 5), (UMDA("n", "4*n"), 40), (CompactGA(30), 30), (SelfAdjustingEA("A"), 1)]


@pytest.mark.parametrize(("algorithm", "size"), POPULATIONS, ids=str)
def test_a_population_gets_the_budget_of_the_one_plus_one_ea_times_its_size(algorithm, size):
    runs = simulate(algorithm.on(OneMax()), n=10, replicates=5, seed=1)
    alone = simulate(OnePlusOneEA("1/n").on(OneMax()), n=10, replicates=1, seed=1)
    assert runs.hit.all() and abs(runs.budget - size * alone.budget) <= size


def test_a_process_of_which_nothing_is_known_demands_a_budget():
    with pytest.raises(InputError, match="^budget: no upper bound on E.T. is known"):
        simulate(OnePlusOneEA("1/(t+1)").on(LeadingOnes()), n=50, replicates=20, seed=1)
    assert not simulate(OnePlusOneEA("1/(t+1)").on(LeadingOnes()), n=50, replicates=20, seed=1, budget=10).hit.any()
