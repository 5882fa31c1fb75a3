"""The command line keeps its contract: JSON with exactly these keys, exit status 0, 1 or 2, wrong input in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from driftproof import cli

BOUND = ["quantity", "direction", "expr", "latex", "conditions", "source", "status", "start", "unit"]
SIMULATE = "process values replicates seed engine mean std median ci95 censored ert restricted_mean budget seconds".split()
CHECK = "paper claim statement prediction measured interval ratio verdict seed seconds command".split()
ONEMAX = ["--algorithm", "one-plus-one-ea", "--rate", "c/n", "--problem", "onemax"]


@pytest.fixture
def run(capsys):
    """Run the command line; (exit status, standard output, standard error)."""

    def call(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture
def wrong(run):
    """Run what must be refused; the one line on standard error."""

    def call(*arguments):
        status, out, err = run(*arguments)
        assert status == 2 and out == ""
        assert err.startswith("driftproof: ") and err.endswith("\n") and err.count("\n") == 1
        return err.removeprefix("driftproof: ").strip()

    return call


# ---- help and start-up


@pytest.mark.parametrize("command", [[], *[[name] for name in cli.COMMANDS]])
def test_help_imports_nothing_heavy(command):
    heavy = ("sympy", "pandas", "scipy", "torch", "numba", "numpy", "pyarrow", "matplotlib", "rich", "theory", "sim")
    code = f"""
import sys
from driftproof.cli import main
assert main({[*command, "--help"]!r}) == 0
print("loaded:", sorted(name for name in {heavy!r} if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("usage: driftproof")
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_help_of_each_command_names_its_options(run):
    options = {
        "bound": "--algorithm --rate --problem --at --latex --proof --list --status --json",
        "simulate": "--algorithm --rate --problem --at --replicates --seed --start --engine --threads --budget --targets --times "
        "--potentials --drift --out --json",
        "sweep": "--store --threads --json",
        "check": "--preset --paper --claim --list --store --fresh --workers --strict --json",
        "train": "--list --preset --config --set --seeds --workers --resume --from --device --devices --nodes --precision "
        "--threads --data --tensorboard --record --out --json",
        "report": "--out --preset --paper --store --fresh --workers --json",
    }
    assert tuple(options) == cli.COMMANDS
    for command, names in options.items():
        status, out, _ = run(command, "--help")
        assert status == 0
        listed = {word.strip(",") for line in out.splitlines() for word in line.split()[:1] if word.startswith("--")}
        assert listed == set(names.split())


# ---- bound


def test_bound_prints_a_list_of_objects_with_the_keys_of_the_contract(run):
    status, out, err = run("bound", *ONEMAX, "--json")
    assert status == 0 and err == ""
    bounds = json.loads(out)
    assert bounds and all(list(bound) == BOUND for bound in bounds)
    assert all(isinstance(condition, str) for bound in bounds for condition in bound["conditions"])


def test_bound_gives_values_with_at(run):
    status, out, _ = run("bound", *ONEMAX, "--at", "n=100,c=1", "--json")
    bounds = json.loads(out)
    assert status == 0 and all(list(bound) == [*BOUND, "value"] for bound in bounds)
    values = [bound["value"] for bound in bounds if bound["direction"] == "upper" and bound["quantity"] == "E[T]"]
    assert any(abs(value - 1516.01863) < 1e-4 for value in values if value is not None)  # n (1-1/n)^(1-n) (1 + ln n)


def test_a_bound_has_no_value_outside_its_conditions(run):
    _, out, _ = run("bound", *ONEMAX, "--at", "n=3,c=3", "--json")
    assert all(bound["value"] is None for bound in json.loads(out) if "c < n" in bound["conditions"])
    assert any("c < n" in bound["conditions"] for bound in json.loads(out))


def test_bound_prints_proof_sketches(run):
    status, out, _ = run("bound", *ONEMAX, "--proof")
    assert status == 0 and out.count("**Claim.**") == out.count("*Proof sketch.*") > 3
    status, out, _ = run("bound", *ONEMAX, "--proof", "--latex")
    assert status == 0 and out.count(r"\begin{proof}") == out.count(r"\end{proof}") > 3


def test_bound_tells_what_the_literature_says_of_pairs_that_are_not_ours(run):
    pair = ("--algorithm", "one-comma-lambda-ea", "--problem", "one-max")
    status, out, _ = run("bound", *pair)
    assert status == 0 and "arXiv 2104.05624" in out and "1 recalled" in out and "Rowe" not in out
    status, out, _ = run("bound", *pair, "--status", "recalled")
    assert status == 0 and "Rowe, Sudholt 2014" in out and "arXiv" not in out
    status, out, _ = run("bound", *pair, "--json")
    assert (
        status == 0 and [row["status"] for row in json.loads(out)] == ["cited", "cited"] and set(BOUND) == set(json.loads(out)[0])
    )
    status, out, error = run("bound", "--algorithm", "one-comma-lambda-ea", "--problem", "leadingones")
    assert status == 2 and error.count("\n") == 1


def test_bound_list_filters_by_status(run):
    for wanted in ("derived", "cited", "recalled"):
        status, out, _ = run("bound", "--list", "--status", wanted, "--json")
        rows = json.loads(out)
        assert status == 0 and rows and {row["status"] for row in rows} == {wanted}


def test_bound_prints_one_latex_formula_a_line(run):
    status, out, _ = run("bound", *ONEMAX, "--latex")
    assert status == 0 and out.strip()
    assert all(line.startswith(r"\mathrm{") for line in out.splitlines())


def test_status_selects_bounds(run):
    for status in ("derived", "heuristic", "cited", "recalled"):
        code, out, _ = run(
            "bound", "--algorithm", "one-plus-one-ea", "--rate", "c/n", "--problem", "binval", "--status", status, "--json"
        )
        assert code == 0 and all(bound["status"] == status for bound in json.loads(out))
    assert all(bound["status"] != "recalled" for bound in json.loads(run("bound", *ONEMAX, "--json")[1]))


def test_list_shows_what_is_covered(run):
    status, out, _ = run("bound", "--list")
    assert status == 0 and "OneMax" in out and "RLS" in out
    rows = json.loads(run("bound", "--list", "--json")[1])
    assert len(rows) == len(out.splitlines()) - 1


def test_plain_output_shows_each_bound_with_its_value(run):
    status, out, _ = run("bound", "--algorithm", "rls", "--problem", "leading-ones", "--at", "n=10")
    assert status == 0 and "E[T] = n**2/2" in out and "at n = 10: 50" in out
    assert out.splitlines()[-1] == "from a uniform start, at n = 10: E[T] = 50"
    _, out, _ = run("bound", *ONEMAX, "--at", "n=100,c=1")
    assert out.splitlines()[-1] == "from a uniform start, at n = 100, c = 1: 1029.23 <= E[T] <= 1074.1"


# ---- simulate


def test_simulate_prints_an_object_with_the_keys_of_the_contract(run, tmp_path):
    out = tmp_path / "runs.parquet"
    status, text, _ = run("simulate", *ONEMAX, "--at", "n=20,c=1", "--replicates", 50, "--seed", 7, "--out", out, "--json")
    document = json.loads(text)
    assert status == 0 and list(document) == SIMULATE
    assert document["values"] == {"n": 20, "c": 1} and document["replicates"] == 50 and document["seed"] == 7
    assert len(document["ci95"]) == 2 and document["censored"] == 0

    from sim import Runs

    runs = Runs.load(out)
    assert len(runs) == 50 and runs.evaluations.mean() == document["mean"]


def test_simulate_gives_what_python_gives_with_every_option(run):
    from sim import simulate
    from theory import OneMax, OnePlusOneEA, c, n

    options = ["--replicates", "30", "--seed", "5", "--start", "zeros", "--engine", "Sparse", "--threads", "2", "--budget", "1e7"]
    _, text, _ = run("simulate", *ONEMAX, "--at", "n=1.2e1, c=1/2", *options, "--json")
    runs = simulate(
        OnePlusOneEA(c / n).on(OneMax()), n=12, c=0.5, replicates=30, seed=5, start="zeros", engine="sparse", budget=10**7
    )
    document = json.loads(text)
    assert document["mean"] == runs.evaluations.mean() and document["engine"] == "sparse" and document["budget"] == 10**7


def test_censored_runs_have_no_mean(run):
    _, text, _ = run("simulate", *ONEMAX, "--at", "n=50,c=1", "--replicates", "40", "--budget", "5", "--json")
    document = json.loads(text)
    assert document["censored"] == 40
    assert document["mean"] is document["std"] is document["ci95"] is document["median"] is None
    assert document["restricted_mean"] == 5


@pytest.mark.parametrize(("start", "mean"), [("0", 0), ("bits=1111", 0), ("zeros", None), ("3", None), ("bits=@FILE", 0)])
def test_every_kind_of_start_is_understood(run, tmp_path, start, mean):
    (tmp_path / "bits.txt").write_text("11\n11\n")
    start = start.replace("FILE", str(tmp_path / "bits.txt"))
    status, text, _ = run("simulate", "--algorithm", "rls", "--problem", "onemax", "--at", "n=4", "--start", start, "--json")
    found = json.loads(text)["mean"]
    assert status == 0 and (found == mean if mean is not None else found > 0)


def test_plain_output_of_simulate_names_the_process(run):
    status, out, _ = run("simulate", *ONEMAX, "--at", "n=10,c=1", "--replicates", "20")
    assert status == 0 and "OnePlusOneEA(rate=c/n) on OneMax()" in out and "  mean " in out


def test_simulate_shows_what_it_watched(run):
    from sim import simulate
    from theory import OneMax, OnePlusOneEA, c, n

    watch = ("--targets", "8,10", "--times", "0,20", "--potentials", "k; log(k+1)", "--drift", "k")
    common = ("simulate", *ONEMAX, "--at", "n=10,c=1", "--replicates", "50", "--seed", "3", *watch)
    observed = json.loads(run(*common, "--json")[1])["observed"]
    watched = {"targets": [8, 10], "at": [0, 20], "potentials": ["k", "log(k+1)"], "drift": "k"}
    runs = simulate(OnePlusOneEA(c / n).on(OneMax()), n=10, c=1, replicates=50, seed=3, observe=watched)
    assert [row["ert"] for row in observed["targets"]] == runs.fixed_target()["ert"].tolist()
    assert [row["mean k"] for row in observed["potentials"]] == runs.observed["potentials"]["k"].mean(axis=0).tolist()
    assert [row["drift"] for row in observed["drift"]] == runs.drift().to_pandas()["drift"].tolist()
    text = run(*common)[1]
    assert "target\thits" in text and "offspring\tmean k\tmean log(k+1)" in text and "k\tdrift\tlow" in text


# ---- check


def test_check_lists_its_claims_and_decides_none(run):
    status, text, _ = run("check", "--list", "--paper", "hidden-subset")
    rows = [line.split("\t") for line in text.splitlines()]
    assert status == 0 and rows[0] == ["paper", "claim", "statement"] and {row[0] for row in rows[1:]} == {"hidden-subset"}
    status, text, _ = run("check", "--list", "--json")
    assert {row["claim"] for row in json.loads(text)} > {row[1] for row in rows[1:]}


def test_check_prints_an_object_with_the_keys_of_the_contract(run):
    status, text, _ = run("check", "--claim", "leadingones-formula", "--json")
    document = json.loads(text)
    assert status == 0 and list(document) == ["verdict", "claims"]
    assert [list(claim) for claim in document["claims"]] == [CHECK]
    assert document["verdict"] == document["claims"][0]["verdict"] == "proved"


def _decided(monkeypatch, verdict):
    import proofs_check
    from proofs_check.checking import Report
    from proofs_check.claim import Outcome, Result

    claim = next(claim for claim in proofs_check.claims() if claim.id == "leadingones-formula")
    report = Report((Result(claim, "quick", Outcome(verdict, "for the test"), 1, 0.1),), "quick")
    monkeypatch.setattr(
        proofs_check, "check", lambda **options: Report(report.results, "quick", options["strict"]), raising=False
    )


@pytest.mark.parametrize(
    ("verdict", "options", "status"),
    [
        ("consistent", [], 0), ("consistent", ["--strict"], 0), ("inconclusive", [], 0), ("inconclusive", ["--strict"], 1),
        ("refuted", [], 1), ("refuted", ["--strict"], 1), ("failed", [], 1), ("proved", ["--strict"], 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_exit_status_follows_the_verdict(run, monkeypatch, verdict, options, status, form):
    _decided(monkeypatch, verdict)
    assert run("check", *options, *form)[0] == status


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "command: missing; the commands are bound, simulate, sweep, check, train, report"),
        (["swep"], "command: unknown name 'swep'; known are bound, simulate, sweep, check, train, report"),
        (["bound"], "algorithm: missing"),
        (["bound", "--algorithm", "rls"], "problem: missing"),
        (["bound", "--algorithm", "--problem", "x"], "algorithm: expected one argument"),
        (["bound", "--algoritm", "rls"], "algoritm: unknown option; did you mean --algorithm?"),
        (["bound", "--alpha", "n"], "alpha: unknown option; parameters go in brackets, e.g. 'metropolis(alpha=n)'; see"),
        (["bound", "--alg", "rls"], "alg: unknown option"),
        (["bound", "rls"], "rls: unknown argument"),
        (["bound", *ONEMAX, "--rate", "1/n"], "rate: given twice"),
        (["bound", *ONEMAX, "--status", "proven"], "status: unknown name 'proven'; known are derived"),
        (["bound", *ONEMAX, "--at", "n"], "at: 'n' is not name=number"),
        (["bound", *ONEMAX, "--at", ""], "at: '' is not name=number"),
        (["bound", *ONEMAX, "--at", "n=10,c=1,"], "is not name=number"),
        (["bound", *ONEMAX, "--at", "n=10,n=20,c=1"], "at: n is given twice"),
        (["bound", *ONEMAX, "--at", "n=ten,c=1"], "n: 'ten' is not a number"),
        (["bound", *ONEMAX, "--at", "n=nan,c=1"], "n: 'nan' is not a number"),
        (["bound", *ONEMAX, "--at", "n=1/0,c=1"], "n: '1/0' divides by zero"),
        (["bound", *ONEMAX, "--at", "n=10"], "c: no value given; this process needs c=..., n=..."),
        (["bound", *ONEMAX, "--at", "n=0,c=1"], "n: 0 must be a positive integer"),
        (["bound", *ONEMAX, "--at", "n=1.5,c=1"], "n: "),
        (["bound", *ONEMAX, "--at", "n=10,c=0"], "c: 0 must be positive"),
        (["bound", *ONEMAX, "--at", "n=10,c=1,m=2"], "m: unknown value"),
        (["bound", *ONEMAX, "--at", "n=10,c=11"], "rate: "),
        (["bound", "--algorithm", "mu-plus-one-ea(mu=0)", "--rate", "1/n", "--problem", "onemax"], "mu: 0 must be at least 1"),
        (["simulate", *ONEMAX, "--at", "n=9,c=1", "--potentials", "k"], "times: missing; say after how many offspring"),
        (["simulate", *ONEMAX, "--at", "n=9,c=1", "--times", "-1"], "times: -1 must be an integer of at least 0"),
        (["simulate", *ONEMAX, "--at", "n=9,c=1", "--targets", "x"], "targets: 'x' is not a number"),
        (["simulate", *ONEMAX, "--at", "n=9,c=1", "--targets", "10"], "targets: 10 is above 9"),
        (["simulate", *ONEMAX, "--at", "n=9,c=1", "--drift", "z"], "drift: unknown symbol 'z'"),
        (["bound", "--list", *ONEMAX], "algorithm: doesn't go together with --list"),
        (["bound", "--list", "--proof"], "proof: doesn't go together with --list"),
        (["bound", "--algorithm", "rsl", "--problem", "onemax"], "algorithm: unknown name 'rsl'; did you mean RLS?"),
        (["bound", "--algorithm", "rls", "--problem", "onemx"], "problem: unknown name 'onemx'; did you mean OneMax?"),
        (["bound", "--algorithm", "one-plus-one-ea", "--problem", "onemax"], "rate: OnePlusOneEA needs a mutation rate"),
        (["bound", "--algorithm", "one-plus-one-ea", "--rate", "c/m", "--problem", "onemax"], "rate: unknown symbol 'm'"),
        (["bound", "--algorithm", "one-plus-one-ea", "--rate", "a b", "--problem", "onemax"], "rate: 'a b' is not a formula"),
        (["simulate", *ONEMAX], "at: missing"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--replicates", "0"], "replicates: 0 must be a positive integer"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--replicates", "1.5"], "replicates: 1.5 must be a positive integer"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--seed", "-1"], "seed: -1 must be an integer of at least 0"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--seed", "1e30"], "seed: "),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--threads", "0"], "threads: 0 must be a positive integer"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--budget", "-5"], "budget: -5 must be a positive integer"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--budget", "lots"], "budget: 'lots' is not a number"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--engine", "evnt"], "engine: "),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--start", "ones"], "start: 'ones' is none; use uniform, zeros, worst"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--start", "11"], "start: "),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--start", "bits=01"], "start: "),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--start", "bits=@/no/file"], "start: can't read /no/file"),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--out", "/no/folder/x.parquet"], "out: "),
        (["simulate", *ONEMAX, "--at", "n=10,c=1", "--out", "/"], "out: / is a folder"),
        (["simulate", "--algorithm", "one-plus-one-ea", "--rate", "k+2", "--problem", "onemax", "--at", "n=10"], "rate: "),
        (["simulate", "--algorithm", "rls", "--problem", "leadingones", "--engine", "event", "--at", "n=10"], "engine: "),
        (["simulate", "--algorithm", "rls", "--problem", "jump(gap=11)", "--at", "n=10"], "gap: 11 must be at most n = 10"),
        (["check", "--preset", "quik"], "preset: unknown preset 'quik'; did you mean quick?"),
        (["check", "--paper", "drift-revisted"], "paper: unknown paper 'drift-revisted'; did you mean drift-revisited?"),
        (["check", "--claim", "no-such-claim"], "claim: unknown claim 'no-such-claim'"),
    ],
)  # fmt: skip
def test_wrong_input_is_named_in_one_line(wrong, arguments, line):
    assert line in wrong(*arguments)


def test_a_wrong_weight_is_named_with_file_and_line(wrong, tmp_path):
    (tmp_path / "w.csv").write_text("weight\n1\n0\n")
    line = wrong("bound", "--algorithm", "rls", "--problem", f"linear(weights=@{tmp_path}/w.csv)")
    assert line.startswith("weights: ") and "w.csv line 3: is zero" in line


def test_the_output_is_checked_before_the_run(wrong, tmp_path, monkeypatch):
    import sim

    monkeypatch.setattr(sim, "simulate", lambda *a, **k: pytest.fail("it ran"), raising=False)
    wrong("simulate", *ONEMAX, "--at", "n=10,c=1", "--out", tmp_path / "missing" / "runs.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_leaves_nothing_behind(wrong, tmp_path):
    rate = ["--algorithm", "one-plus-one-ea", "--rate", "1/4 + t/1000", "--problem", "needle"]
    line = wrong("simulate", *rate, "--at", "n=20", "--budget", "1e6", "--out", tmp_path / "runs.parquet")
    assert line.startswith("rate: ") and list(tmp_path.iterdir()) == []


# ---- interruptions


def test_ctrl_c_ends_with_one_line_and_status_130(run, monkeypatch, tmp_path):
    import sim

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(sim, "simulate", interrupted, raising=False)
    status, out, err = run("simulate", *ONEMAX, "--at", "n=10,c=1", "--out", tmp_path / "runs.parquet")
    assert (status, out) == (130, "") and err.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "driftproof", "bound", *ONEMAX, "--json"]
    reader, writer = os.pipe()
    os.close(reader)  # before anything is written
    done = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False, cwd=Path(__file__).parents[1]
    )
    os.close(writer)
    assert done.returncode == 141 and done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that has no space")
def test_output_that_has_no_space_is_one_line():
    code = "import sys; from driftproof.cli import guarded; sys.exit(guarded(lambda: print('a')))"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stderr == b"driftproof: standard output: no space left; write to another disk\n"


def test_an_error_of_the_program_is_not_mistaken_for_wrong_input(monkeypatch):
    def broken(arguments):
        raise ValueError("a bug")

    monkeypatch.setattr("driftproof.commands.bound.run", broken)
    with pytest.raises(ValueError, match="a bug"):
        cli.main(["bound"])


def test_every_package_of_the_checkout_is_installed():
    import tomllib

    root = Path(__file__).parents[1]
    listed = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        ".".join(file.parent.relative_to(root).parts)
        for top in ("theory", "sim", "nets", "proofs_check", "driftproof")
        for file in (root / top).rglob("__init__.py")
    }
    assert set(listed) == found


def test_bounds_in_k_and_t_are_evaluated_where_these_are_given(run):
    status, out, _ = run("bound", "--algorithm", "rls", "--problem", "onemax", "--at", "n=10,k=2,t=100", "--json")
    found = {(row["quantity"], row["start"]): row["value"] for row in json.loads(out)}
    assert status == 0 and found["E[T]", "k"] == 15.0
    assert found["P[T > t]", "any"] == pytest.approx(10 * 0.9**100)


def test_a_file_of_another_format_is_refused_before_the_run(run, tmp_path):
    status, _, err = run("simulate", *ONEMAX, "--at", "n=10,c=1", "--replicates", "5", "--out", str(tmp_path / "x.csv"))
    assert status == 2 and "name it x.parquet" in err and not list(tmp_path.iterdir())


def test_help_names_every_algorithm_and_problem():
    from driftproof import arguments
    from theory import ALGORITHMS, PROBLEMS
    from theory.registry import fold, split_call

    def named(text):
        return {fold(split_call(part, "x")[0]) for part in text.split(", ")}

    assert named(arguments.ALGORITHMS) == {fold(one.__name__) for one in ALGORITHMS if one.__name__ != "CustomAlgorithm"}
    assert named(arguments.PROBLEMS) == {fold(one.__name__) for one in PROBLEMS if one.__name__ != "Custom"}
