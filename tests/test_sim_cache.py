"""A second process compiles no kernel: all come from the disk cache, those with a user's own function too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba

from theory.compile import fingerprint

SCRIPT = """
import numba
import theory.compile
from sim import simulate
from theory import Custom, OneMax, OnePlusOneEA

@numba.njit
def mine(x):
    total = 0
    for i in range(x.size):
        total += WEIGHT * x[i]
    return total

WEIGHT = 3
for process in (OnePlusOneEA("c/n").on(Custom(mine)), OnePlusOneEA("Min(1/2, 1/(k + log(t) + 2))").on(OneMax())):
    print(list(simulate(process, n=10, c=1, replicates=3, seed=1, budget=10**5, engine="reference").evaluations))
for name, module in sorted(theory.compile._loaded.items()):
    print(name, sum(module.run_block.stats.cache_misses.values()), sum(module.run_block.stats.cache_hits.values()))
"""


def test_a_second_process_finds_its_kernels_compiled_and_gives_the_same_runs(tmp_path):
    environment = {**os.environ, "DRIFTPROOF_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(Path(__file__).parents[1])}

    def run():
        script = tmp_path / "script.py"
        script.write_text(SCRIPT)
        done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        return lines[:2], dict(line.split(" ", 1) for line in lines[2:])

    runs, kernels = run()
    assert set(kernels.values()) == {"1 0"}  # misses, hits
    again, found = run()
    assert again == runs and found == dict.fromkeys(kernels, "0 1")


def test_a_users_function_is_known_by_what_it_does():
    def function(weight, turns=lambda x: x):
        return numba.njit(lambda x: weight * turns(x).sum())

    inner = numba.njit(lambda x: x)
    assert fingerprint(function(3, inner)) == fingerprint(function(3, inner))
    others = {fingerprint(f) for f in (function(3, inner), function(4, inner), function(3, numba.njit(lambda x: x + 1)))}
    assert len(others) == 3
