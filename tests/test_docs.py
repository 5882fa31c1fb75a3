"""What the documentation shows is what the code says."""

from __future__ import annotations

import doctest
import shlex
from pathlib import Path

import pytest

from driftproof.cli import _parser, main
from driftproof.commands import train
from driftproof.train_cells import TrainKind
from sim import Plan
from sim.table import markdown

ROOT = Path(__file__).parent.parent


def test_the_table_of_engines_is_the_one_that_the_code_gives():
    assert (ROOT / "docs" / "engines.md").read_text(encoding="utf-8") == markdown(), "run python -m sim.table > docs/engines.md"


def test_the_python_of_the_readme_prints_what_the_readme_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried > 10 and failed == 0
    assert (tmp_path / "comparison.png").stat().st_size > 10_000


def test_the_tutorial_on_theory_prints_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(ROOT / "docs" / "theory.md"), module_relative=False, optionflags=flags)
    assert tried > 30 and failed == 0
    assert (tmp_path / "theory.png").stat().st_size > 10_000 and (ROOT / "docs" / "theory.png").exists()


def test_the_page_on_simulation_prints_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(ROOT / "docs" / "simulation.md"), module_relative=False, optionflags=flags)
    assert tried > 50 and failed == 0
    assert (tmp_path / "chained.png").stat().st_size > 10_000


def test_the_page_on_checking_prints_what_it_shows_and_its_commands_exist():
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(ROOT / "docs" / "checking.md"), module_relative=False, optionflags=flags)
    assert tried > 10 and failed == 0
    lines = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8").splitlines()
    commands = [
        shlex.split(line.removeprefix("$ driftproof "), comments=True) for line in lines if line.startswith("$ driftproof ")
    ]
    assert len(commands) == 7
    for command in commands:
        _parser().parse_args(command)


def test_the_page_on_nets_prints_what_it_shows_and_its_commands_exist(tmp_path, monkeypatch):
    pytest.importorskip("torch").set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    path = ROOT / "docs" / "nets.md"
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(path), module_relative=False, optionflags=flags)
    assert tried > 20 and failed == 0
    text = path.read_text(encoding="utf-8")
    commands = [shlex.split(line[2:], comments=True)[1:] for line in text.splitlines() if line.startswith("$ driftproof ")]
    assert len(commands) == 10
    parsed = [_parser().parse_args(command) for command in commands]
    begun = [given for given in parsed if given.command == "train" and given.experiment is not None]
    assert [len(train._new(given)) for given in begun] == [1, 3, 1, 1, 3, 1, 1]  # presets, fields and seeds exist
    plan = tmp_path / "plan.yaml"
    plan.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert len(Plan.read(plan, [TrainKind(tmp_path)]).cells) == 3 * 3 * 2


def test_the_shell_of_the_readme_prints_what_the_readme_shows(tmp_path, monkeypatch, capsys):
    """What the commands say of this machine (seconds) and of its last bits (the simulated figures) is left out."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```console\n")[1].split("```")[0]
    shown = dict(part.split("\n", 1) for part in block.split("$ driftproof ")[1:])
    assert len(shown) == 3
    for command, expected in shown.items():
        main(shlex.split(command))
        captured = capsys.readouterr()
        got = (captured.out + captured.err).splitlines()
        same = [line.lstrip().startswith(("mean", "std", "median", "ci95", "ert", "restricted", "seconds")) for line in got]
        assert [line for line, skip in zip(got, same) if not skip] == [
            line for line, skip in zip(expected.splitlines(), same) if not skip
        ]
