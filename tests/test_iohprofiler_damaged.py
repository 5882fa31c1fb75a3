"""IOHprofiler's folders that are damaged, cut off or incomplete are refused in one line."""

from __future__ import annotations

import shutil

import ioh
import pytest
from iohprofiler_data import first_version, record_with_ioh

from sim import from_iohprofiler, simulate
from theory import RLS, InputError, OneMax


def test_a_function_whose_index_the_logger_left_out_is_noticed(tmp_path):
    """As happens in ioh 0.4.2 where a problem is forgotten before the logger is taken off it."""
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    for function in (1, 2):
        problem = ioh.get_problem(function, 1, 5, ioh.ProblemClass.PBO)
        problem.attach_logger(writer)
        problem([0] * 5)
    writer.close()
    (tmp_path / "data" / "IOHprofiler_f2_LeadingOnes.json").unlink(missing_ok=True)
    with pytest.raises(InputError, match="data_f2_LeadingOnes/.* is named in no .json or .info file: .*taken off each problem"):
        from_iohprofiler(tmp_path)


def spoil(path, change):
    path.write_text(change(path.read_text()))


BAD = {
    "the index is cut": ("json", lambda text: text[: len(text) // 2], "IOHprofiler_f1_OneMax.json is truncated or damaged"),
    "the data are cut in a row": ("dat", lambda text: text[: text.rindex(" ")], "has 1 of 2 columns; the file is truncated"),
    "the data are cut between rows": (
        "dat", lambda text: text[: text.rstrip().rindex("\n") + 1], "is truncated or mixed up: run 3 should end with",
    ),
    "a run is missing": ("dat", lambda text: text[: text.rindex("evaluations")], "has 2 runs, but .*OneMax.json names 3"),
    "a run too many": ("dat", lambda text: text + "evaluations raw_y\n1 2.0\n", "names 3: was the logger closed"),
    "a column is missing": ("dat", lambda text: text.replace("raw_y", "rawy"), "has no column raw_y; did you mean rawy"),
    "no header": ("dat", lambda text: "1 2\n" + text, "must begin with a line of column names"),
    "not a number": ("dat", lambda text: text.replace("\n1 ", "\n1 x", 1), "line 2: 'x.*' is not a fitness"),
    "evaluations fall": ("dat", lambda text: text.replace("\n1 ", "\n99 ", 1), "evaluations must grow from 1 in the run at"),
    "another index": ("json", lambda text: "{}", "is not an index of IOHprofiler: it lacks 'maximization'"),
    "a list": ("json", lambda text: "[]", "is not an index of IOHprofiler"),
    "minimised": ("json", lambda text: text.replace('"maximization": true', '"maximization": false'), "minimises OneMax"),
    "values of another function": (
        "json", lambda text: text.replace('"y": ', '"y": 1'), "is truncated or mixed up: run 1 should end with",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_damaged_folders_are_refused_in_one_line(tmp_path, case):
    record_with_ioh(tmp_path, "data", 1, 10, 30, 3)
    which, change, what = BAD[case]
    spoil(next(tmp_path.rglob(f"*.{which}")), change)
    with pytest.raises(InputError, match=what) as caught:
        from_iohprofiler(tmp_path)
    assert "\n" not in str(caught.value)


def test_data_without_an_index_or_an_index_without_data_is_refused(tmp_path):
    record_with_ioh(tmp_path, "data", 1, 10, 30, 3)
    record_with_ioh(tmp_path, "more", 2, 10, 30, 3)
    index, data = next((tmp_path / "more").glob("*.json")), next((tmp_path / "more").rglob("*.dat"))
    index.rename(tmp_path / "kept")
    with pytest.raises(InputError, match="IOHprofiler_f2_DIM10.dat is named in no .json or .info file: was the logger closed"):
        from_iohprofiler(tmp_path)
    (tmp_path / "kept").rename(index)
    shutil.copy(index, index.with_name("IOHprofiler_again.json"))
    with pytest.raises(InputError, match="IOHprofiler_f2_DIM10.dat is named twice"):
        from_iohprofiler(tmp_path)
    index.with_name("IOHprofiler_again.json").unlink()
    data.unlink()
    with pytest.raises(InputError, match=r"IOHprofiler_f2_DIM10.dat, which IOHprofiler_f2_LeadingOnes.json names, is missing"):
        from_iohprofiler(tmp_path)


def test_a_logger_that_was_not_closed_is_noticed(tmp_path):
    writer = ioh.logger.Analyzer(root=tmp_path, folder_name="data")
    problem = ioh.get_problem(1, 1, 5, ioh.ProblemClass.PBO)
    problem.attach_logger(writer)
    problem([0] * 5)
    problem.reset()
    problem([1] * 5)
    with pytest.raises(InputError, match="has 2 runs, but IOHprofiler_f1_OneMax.json names 1: was the logger closed"):
        from_iohprofiler(tmp_path)
    writer.close()
    assert len(from_iohprofiler(tmp_path)[0]) == 2


def test_folders_that_are_no_data_are_refused(tmp_path):
    with pytest.raises(InputError, match="folder: .*nowhere is not a folder"):
        from_iohprofiler(tmp_path / "nowhere")
    with pytest.raises(InputError, match="has no IOHprofiler_.*name the folder of a logger"):
        from_iohprofiler(tmp_path)
    simulate(RLS().on(OneMax()), n=8, replicates=6, seed=2, threads=1).export_iohprofiler(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    with pytest.raises(InputError, match="hold the same runs"):
        from_iohprofiler(tmp_path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text.replace("DIM = ", "dim = "), "lacks DIM"),
        (lambda text: text.replace("1:9|3", "1:9"), "'1:9' must be instance:evaluations|best value"),
        (lambda text: text.replace("1:9|3", "1:9|4"), "run 2 should end with 9 evaluations and the value 4"),
        (lambda text: text.split("%")[0], "is truncated: it has 1 lines"),
        (lambda text: text.replace('"T"', '"F"'), "minimises f1"),
    ],
)
def test_damaged_indices_of_the_first_version_are_refused(tmp_path, change, what):
    first_version(tmp_path / "data")
    spoil(tmp_path / "data" / "IOHprofiler_f1_OneMax.info", change)
    with pytest.raises(InputError, match=what.replace("|", r"\|")):
        from_iohprofiler(tmp_path)
