"""IOHprofiler's folders of others: what ``ioh`` writes, and the first version's format, are read as the runs counted."""

from __future__ import annotations

import ioh
import numpy as np
import pytest
from iohprofiler_data import first_version, plain, record_with_ioh

from sim import from_iohprofiler
from sim.pbo import LARGEST
from sim.runs import Runs
from theory import InputError


@pytest.mark.parametrize(("function", "n", "budget"), [(1, 12, 45), (2, 8, 45), (3, 10, 35)])
def test_what_ioh_writes_is_read_as_the_run_counted(tmp_path, function, n, budget):
    records = record_with_ioh(tmp_path, "data", function, n, budget, repeats=12)
    (read,) = from_iohprofiler(tmp_path / "data")
    assert 0 < read.censored < 12
    assert read.evaluations.tolist() == [t for t, _, _ in records]
    assert read.hit.tolist() == [bool(found) for _, found, _ in records]
    assert (read.values, read.budget, read.seed) == ({"n": n}, budget, None)
    targets = read.observed["targets"].tolist()
    assert set(targets) == {value for *_, first in records for value in first}
    for hits, (*_, first) in zip(read.observed["hits"], records):
        for hit, target in zip(hits, targets):
            assert hit == min((t for value, t in first.items() if value >= target), default=-1)


def test_a_logger_that_records_everything_is_read_alike(tmp_path):
    """Its values fall as well: they are those of the evaluated points, not the best so far."""
    usual = record_with_ioh(tmp_path, "improvements", 1, 12, 90, 8)
    logger = {"triggers": [ioh.logger.trigger.ALWAYS], "additional_properties": [ioh.logger.property.RAWYBEST]}
    always = record_with_ioh(tmp_path, "all", 1, 12, 90, 8, store_positions=True, **logger)
    assert usual == always
    (one,), (two,) = from_iohprofiler(tmp_path / "improvements"), from_iohprofiler(tmp_path / "all")
    assert any(np.diff([v for _, v, *_ in rows]).min() < 0 for rows in plain(next((tmp_path / "all").rglob("*.dat"))))
    assert (one.evaluations == two.evaluations).all() and (one.observed["hits"] == two.observed["hits"]).all()


def test_instances_share_the_values_of_the_function_and_can_be_chosen(tmp_path):
    """Instance 51 permutes the bits and rescales the values; recorded are the values before that."""
    problem = ioh.get_problem(1, 51, 6, ioh.ProblemClass.PBO)
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data", algorithm_name="two points")
    problem.attach_logger(writer)
    problem([0] * 6), problem([1] * 6)
    other = ioh.get_problem(1, 1, 6, ioh.ProblemClass.PBO)
    other.attach_logger(writer)
    other([1] * 6)
    writer.close()
    (read,) = from_iohprofiler(tmp_path / "data")
    assert read.evaluations.tolist() == [1, 0] and read.observed["targets"].tolist() == [0, 6]
    (read,) = from_iohprofiler(tmp_path / "data", instances=[1])
    assert read.evaluations.tolist() == [0]
    with pytest.raises(InputError, match=r"instances: there are no runs on instances \[2\]"):
        from_iohprofiler(tmp_path / "data", instances=[2])


def test_each_function_and_dimension_is_a_runs_of_its_own_with_the_folders_inside(tmp_path):
    record_with_ioh(tmp_path, "a", 1, 8, 30, 3)
    record_with_ioh(tmp_path, "b", 1, 9, 30, 4)
    record_with_ioh(tmp_path, "c", 2, 8, 30, 5)
    read = from_iohprofiler(tmp_path)
    assert {(r.process, r.values["n"], len(r)) for r in read} == {
        ("my EA on OneMax", 8, 3), ("my EA on OneMax", 9, 4), ("my EA on LeadingOnes", 8, 5),
    }  # fmt: skip


def test_one_logger_on_several_functions_is_read_whole(tmp_path):
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    for function, n in ((1, 5), (2, 5), (1, 6), (1, 5)):
        problem = ioh.get_problem(function, 1, n, ioh.ProblemClass.PBO)
        problem.attach_logger(writer)
        problem([0] * n), problem([1] * n)
        problem.detach_logger()
    writer.close()
    assert sorted((r.process, r.values["n"], len(r)) for r in from_iohprofiler(tmp_path)) == [
        ("algorithm_name on LeadingOnes", 5, 1), ("algorithm_name on OneMax", 5, 2), ("algorithm_name on OneMax", 6, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("n", [8, 9, 10, 25])
def test_the_largest_values_are_those_that_ioh_says(n):
    seen = set()
    for identity in range(1, 20):
        problem = ioh.get_problem(identity, 1, n, ioh.ProblemClass.PBO)
        name = problem.meta_data.name
        if name in LARGEST:
            assert LARGEST[name](n) == problem.optimum.y
            seen.add(name)
    assert seen == set(LARGEST)


def test_an_unknown_optimum_is_asked_for(tmp_path):
    record_with_ioh(tmp_path, "data", 18, 8, 30, 3)
    with pytest.raises(InputError, match="optimum: the largest value of LABS isn't known"):
        from_iohprofiler(tmp_path)
    (read,) = from_iohprofiler(tmp_path, optimum=-1)
    assert read.hit.all() and (read.evaluations == 0).all()
    (read,) = from_iohprofiler(tmp_path, optimum=lambda name, n: {"LABS": 100 * n}[name])
    assert not read.hit.any() and read.budget == 30


@pytest.mark.parametrize("form", [{}, {"parameters": True}, {"two_columns": True}])
def test_the_first_version_is_read(tmp_path, form):
    first_version(tmp_path / "data", **form)
    (read,) = from_iohprofiler(tmp_path / "data")
    assert read.process == "RLS, mine on OneMax" and read.values == {"n": 4} and read.budget == 8
    assert read.evaluations.tolist() == [4, 8] and read.hit.tolist() == [True, False]
    assert read.observed["targets"].tolist() == [2, 3, 4] and read.observed["hits"].tolist() == [[0, 2, 4], [0, 0, -1]]


def test_the_first_version_may_tell_the_last_evaluation_in_its_index_only(tmp_path):
    first_version(tmp_path, one=50)
    (read,) = from_iohprofiler(tmp_path, optimum=5)
    assert read.evaluations.tolist() == [49, 8] and not read.hit.any() and read.budget is None


def test_runs_of_others_can_be_saved(tmp_path):
    record_with_ioh(tmp_path, "data", 1, 8, 30, 3)
    (read,) = from_iohprofiler(tmp_path)
    read.save(tmp_path / "a.parquet")
    loaded = Runs.load(tmp_path / "a.parquet")
    assert loaded.seed is None and (loaded.evaluations == read.evaluations).all()
    assert loaded.to_pandas()["seed"].tolist() == [-1] * 3 and loaded.summary()["replicates"] == 3
