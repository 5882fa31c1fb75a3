"""compare, end to end: bounds, exact values and measurements of small processes, and what is wrong is refuted."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from proofs_check import compare
from theory import RLS, BinVal, Custom, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA, Process, c, n
from theory.bound import Bound, Source
from theory.errors import InputError

EA = OnePlusOneEA(c / n)


def plant(monkeypatch, change):
    """Replace each bound b of a process by change(b)."""
    original = Process.bounds
    monkeypatch.setattr(Process, "bounds", lambda self, status=None: [change(b) for b in original(self, status)])


def only(comparison, direction):
    return [s for cell in comparison.cells for s in cell.statements if s.direction == direction and s.judged]


@pytest.fixture(scope="module")
def onemax():
    return compare(EA.on(OneMax()), n=[12, 100], c=[0.5, 1], replicates=3000, seed=1, recalled=True)


def test_a_true_theory_is_consistent_in_every_cell(onemax):
    assert onemax.verdict == "consistent"
    assert [(cell.values["n"], float(cell.values["c"])) for cell in onemax.cells] == [(12, 0.5), (100, 0.5), (12, 1), (100, 1)]
    for cell in onemax.cells:
        assert cell.measured.low < cell.exact < cell.measured.high
        assert cell.best("upper") > cell.exact
        assert all(s.power >= 0.9 for s in cell.statements if s.judged)


def test_the_exact_value_of_the_specification_is_in_the_table(onemax):
    table = onemax.table()
    row = table[(table.n == 100) & (table.c == 1) & (table.statement == "E[T] = exact value")].iloc[0]
    assert row.value == pytest.approx(1069.5384972597549, rel=1e-12)
    assert row.ratio_exact == 1 and row.ratio == pytest.approx(row.value / row.measured)


def test_the_table_is_tidy_and_the_json_has_the_same_rows(onemax):
    table, document = onemax.table(), json.loads(onemax.to_json())
    assert len(table) == len(document["rows"]) == sum(len(cell.statements) for cell in onemax.cells)
    assert set(table.columns) == set(document["rows"][0])
    assert document["verdict"] == "consistent" and document["process"] == onemax.process


def test_the_text_has_one_line_a_cell_and_the_verdict(onemax):
    text = str(onemax)
    assert sum(line.strip().startswith(("12 ", "100 ")) for line in text.splitlines()) == 4
    assert text.splitlines()[-1] == "verdict: consistent"


def test_the_same_seed_gives_the_same_comparison():
    one, other = (compare(RLS().on(OneMax()), n=20, replicates=500, seed=3) for _ in range(2))
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("direction,factor", [("exact", 0.9), ("exact", 1.1), ("upper", 0.5)])
def test_a_wrong_bound_is_refuted_and_so_is_the_comparison(monkeypatch, direction, factor):
    process = EA.on(Needle()) if direction == "exact" else EA.on(OneMax())
    monkeypatch.setattr("proofs_check.comparison.exact_value", lambda *_: None)  # statistics alone
    plant(monkeypatch, lambda b: b.with_(expr=factor * b.expr, exact_function=None) if b.direction == direction else b)
    found = compare(process, n=8, c=1, replicates=20_000, seed=1)
    assert found.verdict == "refuted"
    assert all(
        s.verdict == "refuted" for s in only(found, direction) if s.value < found.cells[0].measured.low or direction == "exact"
    )


def test_a_lower_bound_above_the_truth_is_refuted(monkeypatch):
    monkeypatch.setattr("proofs_check.comparison.exact_value", lambda *_: None)
    plant(monkeypatch, lambda b: b.with_(direction="lower") if b.direction == "upper" and b.quantity == "E[T]" else b)
    assert compare(EA.on(OneMax()), n=50, c=1, replicates=2000, seed=1, budget=10**6).verdict == "refuted"


def test_the_exact_value_refutes_a_bound_that_few_runs_could_not(monkeypatch):
    plant(monkeypatch, lambda b: b.with_(expr=0.6 * b.expr) if b.direction == "upper" and b.minimise_over is None else b)
    found = compare(EA.on(OneMax()), n=50, c=1, replicates=10, seed=1)
    refuted = [s for s in only(found, "upper") if s.verdict == "refuted"]
    assert refuted and all("the exact value is" in s.reason for s in refuted)


def test_few_runs_are_inconclusive():
    found = compare(EA.on(OneMax()), n=50, c=1, replicates=20, seed=1)
    assert found.verdict == "inconclusive"
    assert all("would do" in s.reason for s in only(found, "exact"))


def test_censored_runs_are_inconclusive_and_marked():
    found = compare(EA.on(OneMax()), n=50, c=1, replicates=1000, seed=1, budget=400)
    cell = found.cells[0]
    assert found.verdict == "inconclusive"
    assert 0 < cell.measured.censored < 1000 and cell.measured.high == math.inf and cell.measured.mean < cell.exact
    assert "censored" in str(found)
    assert json.loads(found.to_json())["rows"][0]["high"] is None


def test_a_bound_for_another_start_is_refused_with_the_reason():
    found = compare(EA.on(LeadingOnes()), n=20, c=1, replicates=300, seed=1, start="zeros")
    refused = [s for s in found.cells[0].statements if s.verdict == "not comparable" and "uniform" in s.reason]
    assert refused and refused[0].direction == "exact"
    assert found.cells[0].exact > compare(EA.on(LeadingOnes()), n=20, c=1, replicates=2, seed=1).cells[0].exact


def test_a_bound_in_the_number_of_zero_bits_is_evaluated_at_the_start():
    found = compare(RLS().on(OneMax()), n=40, replicates=4000, seed=1, start=3)
    values = [s.value for s in only(found, "exact")]
    assert len(values) == 2 and values == pytest.approx([40 * (1 + 1 / 2 + 1 / 3)] * 2)
    assert found.verdict == "consistent"


def test_zeros_means_the_literal_string_also_where_the_optimum_has_zeros():
    found = compare(RLS().on(Linear([1, -1, 1, -1, 1, -1])), n=6, replicates=2000, seed=1, start="zeros")
    assert found.cells[0].exact == pytest.approx(6 * (1 + 1 / 2 + 1 / 3))  # three bits are right already
    assert found.verdict == "consistent"


def plant_recalled(monkeypatch, expr):
    """A lower bound from memory, which this pair doesn't have."""
    original = Process.bounds
    memory = Bound("E[T]", "lower", expr, status="recalled", source=Source("from memory"))
    monkeypatch.setattr(Process, "bounds", lambda self, status=None: [memory] if status == "recalled" else original(self, status))


def test_asymptotic_and_recalled_statements_are_shown_but_not_judged(monkeypatch):
    plant_recalled(monkeypatch, n)
    found = compare(EA.on(BinVal()), n=[12, 30], c=1, replicates=2000, seed=1, recalled=True)
    unjudged = [s for cell in found.cells for s in cell.statements if s.verdict == "not judged"]
    assert {s.status for s in unjudged} >= {"recalled"}
    assert all(s.direction in ("asymptotic", "theta") or s.status == "recalled" for s in unjudged)
    assert not [
        s for s in compare(EA.on(BinVal()), n=12, c=1, replicates=2, seed=1).cells[0].statements if s.status == "recalled"
    ]


def test_a_wrong_recalled_bound_changes_no_verdict(monkeypatch):
    plant_recalled(monkeypatch, 1000 * n**2)
    found = compare(EA.on(BinVal()), n=12, c=1, replicates=4000, seed=1, recalled=True)
    wrong = [s for s in found.cells[0].statements if s.status == "recalled"]
    assert found.verdict == "consistent" and [s.verdict for s in wrong] == ["not judged"]


def test_a_bound_that_has_no_value_somewhere_is_shown_but_not_judged(monkeypatch):
    from sympy import log

    plant(monkeypatch, lambda b: b.with_(expr=log(n - 100), exact_function=None) if "fitness" in str(b.source) else b)
    found = compare(EA.on(OneMax()), n=20, c=1, replicates=4000, seed=1, budget=10**6)
    assert found.verdict == "consistent"
    assert [s.verdict for s in found.cells[0].statements if "fitness" in s.source] == ["not judged"]


def test_a_process_of_which_theory_knows_nothing_is_inconclusive():
    import numba

    @numba.njit
    def pairs(x):
        return (x[:-1] & x[1:]).sum()

    found = compare(EA.on(Custom(pairs)), n=18, c=1, replicates=50, seed=1, budget=20_000)
    assert found.verdict == "inconclusive"
    assert "nothing to hold these runs against" in str(found)
    assert len(found.table()) == 1


def test_a_chain_is_compared_like_any_other_process():
    import numba

    from theory import Chain, k

    @numba.njit
    def collect(k, rng, n, c):
        return k - 1 if rng.random() * n < k else k

    honest = compare(Chain(n, collect, drift=k / n), n=30, replicates=2000, seed=1)
    assert honest.verdict == "consistent" and only(honest, "upper")
    boastful = compare(Chain(n, collect, drift=4 * k / n), n=30, replicates=2000, seed=1)
    assert boastful.verdict == "refuted"


def test_a_grid_over_a_constant_that_the_process_does_not_have_is_one_cell():
    assert len(compare(RLS().on(OneMax()), n=[10, 20], c=[0.5, 1], replicates=2, seed=1).cells) == 2


def test_prediction_and_measurement_are_in_one_picture(onemax, tmp_path):
    figure = onemax.plot(str(tmp_path / "picture.png"))
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    assert len(figure.axes) == 2  # one panel a value of c
    for axis in figure.axes:
        labels = axis.get_legend_handles_labels()[1]
        assert {"exact", "measured"} <= set(labels) and any(label.startswith("upper") for label in labels)
        exact = next(line for line in axis.lines if line.get_label() == "exact")
        assert [label.get_text() for label in axis.get_xticklabels()] == ["12", "100"]  # the sizes, no powers of ten
        assert list(exact.get_xdata()) == [12, 100] and axis.get_xscale() == axis.get_yscale() == "log"


def test_a_picture_can_be_drawn_into_given_axes(onemax):
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    onemax.plot(ax=axes)
    assert axes[0].lines and axes[1].lines
    with pytest.raises(InputError, match="ax: 1 axes given"):
        onemax.plot(ax=axes[0])


def test_a_picture_that_can_not_be_written_leaves_nothing_behind(onemax, tmp_path):
    for path in (tmp_path / "missing" / "a.png", tmp_path / "a.unknown"):
        with pytest.raises(InputError, match="path: can't write"):
            onemax.plot(str(path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments,word",
    [
        ({"n": []}, "n: is empty"),
        ({"n": 10, "c": 11}, "rate"),
        ({"n": 10, "m": 3}, "m: unknown value"),
        ({"c": 1}, "n: no value given"),
        ({"n": 10, "c": 1, "replicates": 1}, "replicates: 1"),
        ({"n": 10, "c": 1, "error": 0}, "error: 0"),
        ({"n": 10, "c": 1, "effect": 2}, "effect: 2"),
        ({"n": 10, "c": 1, "start": "somewhere"}, "start"),
        ({"n": 10, "c": 1, "engine": "evnt"}, "engine"),
    ],
)
def test_wrong_input_is_refused_in_one_line_that_names_the_argument(arguments, word):
    with pytest.raises(InputError, match=word) as refusal:
        compare(EA.on(OneMax()), **arguments)
    assert "\n" not in str(refusal.value)


def test_a_process_must_be_one():
    with pytest.raises(InputError, match="process: "):
        compare(OneMax(), n=10)


def test_values_may_be_an_array():
    assert [cell.values["n"] for cell in compare(RLS().on(OneMax()), n=np.array([5, 7]), replicates=2, seed=1).cells] == [5, 7]
