"""The demo writes a page, a picture and a table that belong together, goes on where it was, and fails if theory is refuted."""

import contextlib
import dataclasses
import io
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest

from driftproof.data import make_weights
from driftproof.demo import plan, store, summary
from driftproof.demo.__main__ import main

FILES = {"index.html", "picture.png", "table.csv", "statements.csv"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of one quick demo, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = main(["--quick", "--out", str(folder)])
    return folder, status, printed.getvalue()


def test_the_demo_writes_page_picture_and_table(demo):
    folder, status, printed = demo
    assert status == 0
    assert {path.name for path in folder.iterdir()} == {*FILES, "cells"}
    assert (folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert f"the page: {folder / 'index.html'}" in printed and printed.count("consistent") > 24
    table = pd.read_csv(folder / "table.csv")
    assert list(table.columns) == [field.name for field in dataclasses.fields(summary.Line)]
    assert len(table) == len(plan.cells(quick=True)) == len(plan.PROBLEMS) * len(plan.CONSTANTS) * len(plan.QUICK)
    assert set(table["problem"]) == set(plan.PROBLEMS) and set(table["verdict"]) == {"consistent"}


class _Addresses(HTMLParser):
    """Everything in a page that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "iframe", "img", "object", "embed")
        self.found += [
            value for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "action", "poster", "data")
        ]


def test_the_page_fetches_nothing(demo):
    text = (demo[0] / "index.html").read_text(encoding="utf-8")
    addresses = _Addresses()
    addresses.feed(text)
    assert addresses.found and all(address.startswith("#") for address in addresses.found)
    assert all(address.startswith("#") for address in re.findall(r"url\(['\"]?([^)]*)", text))
    assert "http" not in text and "@import" not in text


def test_the_page_shows_every_cell_and_every_bound(demo):
    text = (demo[0] / "index.html").read_text(encoding="utf-8")
    assert text.count("<svg role=") == len(plan.PROBLEMS)
    table = pd.read_csv(demo[0] / "table.csv")
    assert all(f"<td>{summary.number(measured)}</td>" in text for measured in table["measured"])
    bounds = sum(len(p.bounds()) for p in plan.processes().values())
    assert text.count("<math ") == bounds > 0


def test_exact_values_and_upper_bounds_are_where_the_plan_wants_them(demo):
    table = pd.read_csv(demo[0] / "table.csv")
    linear = table["problem"].isin(["BinVal", "Linear"])
    assert table.loc[~linear | (table["n"] <= 12), "exact"].notna().all()
    larger = table[linear & (table["n"] == 30)]
    assert len(larger) == 6 and larger["exact"].isna().all() and larger["lower"].notna().all()
    on_onemax = table[(table["problem"] == "OneMax") & (table["n"] == 30)]
    assert sorted(larger["lower"]) == sorted([*on_onemax["exact"], *on_onemax["exact"]])
    assert (table["upper"] >= table["exact"].fillna(0)).all() and (table["upper"] >= table["lower"]).all()
    assert (table.loc[table["problem"] != "LeadingOnes", "witt"] >= table.loc[table["problem"] != "LeadingOnes", "upper"]).all()


def test_a_second_demo_reuses_finished_cells_and_gives_the_same_table(demo, monkeypatch, capsys):
    folder = demo[0]
    before = (folder / "table.csv").read_bytes()
    victim = sorted((folder / "cells").iterdir())[0]
    victim.write_bytes(b"damaged")
    computed = []
    compare = plan.Cell.compare
    monkeypatch.setattr(plan.Cell, "compare", lambda cell: computed.append(cell) or compare(cell))
    assert main(["--quick", "--out", str(folder)]) == 0
    assert len(computed) == 1  # the damaged one
    assert (folder / "table.csv").read_bytes() == before


def test_a_refuted_bound_makes_the_demo_fail(demo, monkeypatch, capsys):
    folder = demo[0].with_name("refuted")
    shutil.copytree(demo[0], folder)
    cell = next(cell for cell in plan.cells(quick=True) if cell.problem == "OneMax" and cell.n == 30)
    path = store._path(folder, cell)
    table = pd.read_parquet(path)
    table.loc[table["verdict"] == "consistent", "verdict"] = "refuted"
    table.to_parquet(path)
    assert main(["--quick", "--out", str(folder)]) == 1
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert 'class="verdict refuted"' in page and "What is not consistent" in page


def test_a_violated_bound_is_refuted():
    cell = next(cell for cell in plan.cells(quick=True) if (cell.problem, cell.n, cell.c) == ("OneMax", 30, "1"))
    process = cell.process()
    bounds = [bound.with_(expr=bound.expr / 2) if bound.direction == "upper" else bound for bound in process.bounds()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(process), "bounds", lambda self, status=None: [] if status == "recalled" else bounds)
        rows = pd.DataFrame(cell.compare())
    assert summary.line(cell.problem, rows).verdict == "refuted"


def test_the_same_cell_has_one_file_and_another_seed_another(tmp_path):
    first, second = plan.cells(quick=True, seed=0)[0], plan.cells(quick=True, seed=1)[0]
    assert store._path(tmp_path, first) == store._path(tmp_path, plan.cells(quick=True, seed=0)[0])
    assert store._path(tmp_path, first) != store._path(tmp_path, second)


def test_the_error_rates_of_all_cells_sum_to_the_error_rate_of_the_page():
    for quick in (True, False):
        assert sum(cell.error for cell in plan.cells(quick)) == pytest.approx(plan.ERROR)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--out", "/dev/null/x"], "out: can't write in /dev/null/x: Not a directory"),
        (["--fast"], "fast: unknown option"),
        (["--quick", "--out", "a", "--out", "b"], "out: given twice"),
    ],
)
def test_wrong_arguments_are_named_in_one_line(capsys, arguments, line):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"driftproof: {line}") and err.count("\n") == 1


def test_ctrl_c_leaves_no_page_behind(tmp_path, monkeypatch, capsys):
    def interrupted(cell):
        raise KeyboardInterrupt

    monkeypatch.setattr(plan.Cell, "compare", interrupted)
    assert main(["--quick", "--out", str(tmp_path)]) == 130
    assert not FILES & {path.name for path in tmp_path.iterdir()}
    assert capsys.readouterr().err.count("\n") == 1


def test_the_shipped_weights_are_those_of_their_generator():
    text = plan.WEIGHTS.read_text().splitlines()
    assert text == ["weight", *make_weights.weights()]
    assert len(text) == 10_001 and all(float(weight) > 0 for weight in text[1:])
