"""`driftproof bound --list`: the coverage for people (on a terminal) and for programs, and its filter."""

from __future__ import annotations

import contextlib
import io
import json

import pytest

from driftproof.cli import main
from theory.catalogue import coverage


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(*words, terminal=False):
    out = Terminal() if terminal else io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["bound", "--list", *words]) == 0
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_on_a_terminal_no_line_is_longer_than_it_is_wide_and_no_status_is_broken(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    text = run(terminal=True)
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= width
    assert "OnePlusOneEA(rate=c/n) on LeadingOnes()" in lines
    words = set(text.split())
    assert {"derived", "heuristic", "cited", "recalled"} <= words
    first = lines[0]
    assert first.endswith("; ~ is = (1 + o(1)) *") or width < 100


def test_the_first_line_counts_what_the_table_holds(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    rows = coverage()
    counts = {status: sum(row["status"] == status for row in rows) for status in ("derived", "recalled")}
    first = run(terminal=True).splitlines()[0]
    assert f"{counts['derived']} derived" in first and f"{counts['recalled']} recalled" in first


@pytest.mark.parametrize("status", ["derived", "heuristic", "cited", "recalled"])
def test_the_filter_keeps_exactly_one_status(status):
    rows = json.loads(run("--status", status, "--json"))
    assert rows and {row["status"] for row in rows} == {status}
    assert len(rows) == sum(row["status"] == status for row in coverage())
    lines = run("--status", status).splitlines()
    assert len(lines) == len(rows) + 1 and lines[0].split("\t")[:2] == ["algorithm", "problem"]


def test_off_a_terminal_every_formula_is_whole():
    for line, row in zip(run().splitlines()[1:], coverage(), strict=True):
        assert line.split("\t") == list(row.values())
