"""Game values with certificates, and votes: closed forms, enumeration, planted errors."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from theory import InputError
from theory.learning import game_values, majority_vote
from theory.learning.game_values import certified_loss, game_bounds, guaranteed_loss, recall_game, solve_game
from theory.learning.majority_vote import majority_probability, plurality_probability

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    "losses, value",
    [
        ([[HALF, 1, 0], [0, HALF, 1], [1, 0, HALF]], HALF),  # rock, paper, scissors
        ([[0, 1], [1, 0]], HALF),
        ([[1, 2], [3, 4]], 3),  # a saddle point
        ([[7]], 7),
        ([[0, 0], [0, 0]], 0),
        ([[2, -1], [-1, 1]], Fraction(1, 5)),
        ([[1, 1, 1], [1, 1, 1]], 1),
        ([[3, 0, 0, 3], [0, 3, 3, 0], [1, 2, 2, 1]], Fraction(3, 2)),  # degenerate: many optima
    ],
)
def test_values_of_small_games(losses, value):
    game = solve_game(losses)
    assert game.lower == game.upper == value


@pytest.mark.parametrize("seed", range(12))
def test_random_games_are_solved_exactly_and_no_mixture_that_was_tried_does_better(seed):
    rng = random.Random(seed)
    rows, columns = rng.randint(2, 7), rng.randint(2, 7)
    losses = [[Fraction(rng.randint(0, 4), rng.randint(1, 3)) for _ in range(columns)] for _ in range(rows)]
    game = solve_game(losses)
    assert game.lower == game.upper
    for _ in range(50):
        draw = [rng.randint(0, 6) for _ in range(columns)]
        if sum(draw):
            assert guaranteed_loss(losses, [Fraction(x, sum(draw)) for x in draw]) >= game.upper
        draw = [rng.randint(0, 6) for _ in range(rows)]
        if sum(draw):
            assert certified_loss(losses, [Fraction(x, sum(draw)) for x in draw]) <= game.lower


@pytest.mark.parametrize("seed", range(5))
def test_the_value_lies_between_the_best_average_and_the_best_worst_case(seed):
    """Yao: min_s E_uniform L <= V <= min_s max_x L."""
    rng = random.Random(seed)
    losses = [[rng.randint(0, 9) for _ in range(6)] for _ in range(5)]
    game = solve_game(losses)
    assert min(Fraction(sum(c), 5) for c in zip(*losses)) <= game.lower
    assert game.upper <= min(max(c) for c in zip(*losses))


def test_a_bound_from_a_game_carries_both_certificates_and_a_wrong_one_fails():
    [bound] = game_bounds([[2, -1], [-1, 1]])
    assert bound.direction == "exact" and bound.expr == Fraction(1, 5)
    assert [outcome.level for _, outcome in bound.derivation.replay().outcomes] == ["exact", "exact"]
    from dataclasses import replace

    check = bound.derivation.checks[0]
    assert replace(check.fact, result=Fraction(1, 4)).replay().holds is False


@pytest.mark.parametrize("bits, columns", [(2, 88), (3, 7120)])
def test_one_bit_recall_is_the_value_of_its_game(bits, columns):
    losses = recall_game(bits)
    assert (len(losses), len(losses[0])) == (2**bits * bits, columns)
    game = solve_game(losses)
    assert game.lower == game.upper == Fraction(1, 4) == Fraction(game_values.one_bit_recall().evaluate(N=bits))
    assert game.upper == min(Fraction(sum(c), len(c)) for c in zip(*losses))  # the symmetry argument
    assert min(max(c) for c in zip(*losses)) == 1  # every deterministic algorithm fails somewhere


@pytest.mark.parametrize("bits, value", list(zip(range(2, 9), (0.75, 0.75, 0.6875, 0.6875, 0.65625, 0.65625, 0.63671875))))
def test_one_bit_recall_has_the_known_values(bits, value):
    assert 1 - game_values.one_bit_recall().evaluate(N=bits) == value


def test_one_bit_recall_is_what_majorities_of_flipped_bits_reach():
    """The strategy itself, on every input: store the majority of bits flipped by a shared seed, answer it flipped back."""
    for bits in (3, 5):
        for word, asked in itertools.product(itertools.product((0, 1), repeat=bits), range(bits)):
            wrong = 0
            for mask in itertools.product((0, 1), repeat=bits):
                stored = int(2 * sum(a ^ b for a, b in zip(word, mask)) > bits)
                wrong += (stored ^ mask[asked]) != word[asked]
            assert wrong / 2**bits == game_values.one_bit_recall().evaluate(N=bits)


def ski_game(price):
    """Seasons of 1, ..., B - 1 days and an endless one against buying on day 1, ..., B: ratios to the best in hindsight."""
    days = [*range(1, price), 10 * price]
    return [[Fraction(x if x < i else i - 1 + price, min(x, price)) for i in range(1, price + 1)] for x in days]


@pytest.mark.parametrize("price", [1, 2, 3, 4, 10, 17])
def test_ski_rental_is_the_value_of_its_game(price):
    game = solve_game(ski_game(price))
    assert game.lower == game.upper == 1 / (1 - (1 - Fraction(1, price)) ** price)
    assert game_values.ski_rental().evaluate(B=price) == pytest.approx(float(game.upper), rel=1e-15)


def test_ski_rental_tends_to_e_over_e_minus_one_from_below():
    values = [game_values.ski_rental().evaluate(B=price) for price in (2, 4, 10, 50, 10**6)]
    assert values == sorted(values) and values[3] == pytest.approx(1.572747, abs=5e-7)
    assert math.e / (math.e - 1) - 1e-6 < values[-1] < math.e / (math.e - 1)


@pytest.mark.parametrize("right, votes, value", [
    ("0.6", 1, 0.6), ("0.6", 3, 0.648), ("0.6", 5, 0.68256), ("0.6", 11, 0.753498), ("0.6", 31, 0.871618), ("0.6", 2, 0.6),
    ("0.6", 4, 0.648), ("0.75", 3, 0.84375), ("0.75", 5, 0.896484), ("0.75", 11, 0.965672), ("0.75", 31, 0.998698),
])  # fmt: skip
def test_majorities_have_the_known_values(right, votes, value):
    assert float(majority_probability(right, votes)) == pytest.approx(value, abs=5e-7)
    assert plurality_probability(right, 1, votes) == majority_probability(right, votes)
    if votes % 2:
        found = majority_vote.majority().evaluate(m=votes, p=right)
        assert found == pytest.approx(float(majority_probability(right, votes)), rel=1e-14)


@pytest.mark.parametrize("right, wrong, votes, value", [("0.6", 1, 5, 0.68256), ("0.3", 7, 5, 0.43398), ("0.2", 31, 30, 0.880181),
                                                        ("0.2", 31, 5, 0.319903), ("0.4", 31, 5, 0.688887)])  # fmt: skip
def test_pluralities_have_the_known_values(right, wrong, votes, value):
    assert float(plurality_probability(right, wrong, votes)) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(
    "right, wrong, votes", [("1/3", 2, 6), ("1/5", 3, 5), ("7/10", 4, 4), ("0", 2, 3), ("1", 2, 3), ("1/2", 1, 8)]
)
def test_pluralities_are_sums_over_all_sequences_of_answers(right, wrong, votes):
    p, total = Fraction(right), Fraction(0)
    for answers in itertools.product(range(wrong + 1), repeat=votes):
        counts = [answers.count(i) for i in range(wrong + 1)]
        if counts[0] == max(counts):
            chance = p ** counts[0] * ((1 - p) / wrong) ** (votes - counts[0])
            total += chance / counts.count(max(counts))
    assert plurality_probability(right, wrong, votes) == total


def test_a_plurality_of_thirty_votes_agrees_with_simulation():
    """20 000 votes, 4 standard errors (error rate 6e-5), which is 1 %."""
    rng = np.random.default_rng(11)
    counts = rng.multinomial(30, [0.2] + [0.8 / 31] * 31, size=20_000)
    top = counts == counts.max(axis=1, keepdims=True)
    mean = (top[:, 0] / top.sum(axis=1)).mean()
    value = float(plurality_probability("0.2", 31, 30))
    assert abs(mean - value) < 4 * math.sqrt(value * (1 - value) / 20_000) < 0.01


@pytest.mark.parametrize("bound", majority_vote.majority_error(), ids=["counting", "exponential"])
def test_error_bounds_of_majorities_hold_and_are_tight_at_one_half(bound):
    for votes in (1, 3, 5, 11, 31, 101):
        for right in ("1/2", "51/100", "3/5", "3/4", "9/10", "999/1000"):
            error = 1 - majority_probability(right, votes)
            found = bound.evaluate(m=votes, p=right)
            assert float(error) <= found * (1 + 1e-14)
            if right == "1/2":
                assert found == float(error) == 0.5


def test_the_counting_bound_is_the_better_one_and_a_tenth_less_would_be_wrong():
    counting, exponential = majority_vote.majority_error()
    assert all(counting.evaluate(m=9, p=p) <= exponential.evaluate(m=9, p=p) for p in ("1/2", "3/5", "4/5", "99/100"))
    assert 0.9 * counting.evaluate(m=3, p="51/100") < 1 - majority_probability("51/100", 3)
    assert not counting.holds_for(m=4, p="3/5") and not counting.holds_for(m=3, p="2/5")
    with pytest.raises(InputError, match="Mod"):
        counting.evaluate(m=4, p="3/5")


def test_wrong_strategies_are_found_out(monkeypatch):
    assert game_values.ski_rental_agrees((2, 3)) and game_values.recall_agrees((2, 3), (2,))
    monkeypatch.setattr(game_values, "ski_rental_certificates", lambda price: (Fraction(4, 3), Fraction(5, 3)))
    assert not game_values.ski_rental_agrees((2,))
    monkeypatch.setattr(game_values, "recall_average", lambda bits: Fraction(1, 3))
    assert not game_values.recall_agrees((2,), ())
    monkeypatch.setattr(majority_vote, "majority_probability", lambda right, votes: Fraction(1, 2))
    assert not majority_vote.majority_by_enumeration()


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: solve_game([]), "losses"),
        (lambda: solve_game([[1, 2], [3]]), "losses"),
        (lambda: solve_game([[1, "x"]]), "losses"),
        (lambda: guaranteed_loss([[1, 2]], [Fraction(1), Fraction(1)]), "strategy"),
        (lambda: certified_loss([[1, 2]], [HALF]), "adversary"),
        (lambda: recall_game(4), "bits"),
        (lambda: majority_probability(2, 3), "right"),
        (lambda: plurality_probability("1/2", 0, 3), "wrong"),
        (lambda: majority_probability("1/2", 0), "votes"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, names):
    with pytest.raises(InputError, match=names):
        call()
