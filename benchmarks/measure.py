"""How things are measured: the compiled peer, interleaved pairs, programs run in a process of their own."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = HERE / "_build"
COMPILER = ("g++", "-O3", "-march=native", "-std=c++17")
MEBIBYTE = 1 << 20


@dataclass
class Result:
    """One line of the table: what was measured, against what target."""

    row: str
    what: str
    target: str
    measured: str
    met: bool | None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One measurement of runs: seconds in all and the generations that they took."""

    seconds: float
    evaluations: list[int]

    @property
    def nanoseconds(self) -> float:
        """Time a generation."""
        return 1e9 * self.seconds / sum(self.evaluations)


def build_peer() -> Path:
    """Compile ``peer.cpp`` if it changed; the path of the program."""
    BUILD.mkdir(exist_ok=True)
    program, source = BUILD / "peer", HERE / "peer.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([*COMPILER, "-o", str(program), str(source)], check=True)
    return program


def peer(problem: str, n: int, runs: int, seed: int, weights: Path | None = None, c: float = 1.0) -> Sample:
    """Whole runs of the peer from uniform starts; the seconds are its own, without the start of the program."""
    command = [str(build_peer()), problem, str(n), str(c), str(runs), str(seed), "0", *([str(weights)] if weights else [])]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Sample(answer["seconds"], answer["evaluations"])


def ours(process: Any, runs: int, seed: int, threads: int = 1, **options: Any) -> Sample:
    """Whole runs by ``simulate``; the seconds are those of the call, its checks included."""
    from sim import simulate

    begin = time.perf_counter()
    result = simulate(process, replicates=runs, seed=seed, threads=threads, **options)
    seconds = time.perf_counter() - begin
    assert result.hit.all(), "a benchmarked run was censored"
    return Sample(seconds, [int(e) for e in result.evaluations])


def interleave(first: Callable[[int], Sample], second: Callable[[int], Sample], pairs: int) -> list[tuple[Sample, Sample]]:
    """``pairs`` pairs of measurements, the order within a pair alternating; both are warmed up before."""
    first(10_000)
    second(10_000)
    result = []
    for i in range(pairs):
        if i % 2:
            after = second(i)
            result.append((first(i), after))
        else:
            result.append((first(i), second(i)))
    return result


def compare(measured: Sequence[tuple[Sample, Sample]]) -> dict[str, Any]:
    """Medians of pairs (peer, ours), ratios ours/peer a generation, and whether both do the same work (mean T)."""
    ratios = [b.nanoseconds / a.nanoseconds for a, b in measured]
    theirs, own = ([e for pair in measured for e in pair[side].evaluations] for side in (0, 1))
    return {
        "pairs": len(measured),
        "peer_ns": statistics.median(a.nanoseconds for a, _ in measured),
        "ours_ns": statistics.median(b.nanoseconds for _, b in measured),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "peer_mean_T": statistics.fmean(theirs),
        "ours_mean_T": statistics.fmean(own),
        "mean_T_z": z_score(theirs, own),
    }


def z_score(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Difference of two means in its standard errors; far outside -4..4 the two don't do the same."""
    if min(len(a), len(b)) < 2:
        return None
    error = (statistics.variance(a) / len(a) + statistics.variance(b) / len(b)) ** 0.5
    return (statistics.fmean(a) - statistics.fmean(b)) / error


def child(program: str | Sequence[str]) -> tuple[float, str]:
    """Run Python code (or a command) in a process of its own; (wall seconds, standard output)."""
    command = [sys.executable, "-c", program] if isinstance(program, str) else list(program)
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"a measured program failed: {done.stderr.strip().splitlines()[-1:]}")
    return seconds, done.stdout


def child_memory(code: str) -> tuple[float, float, str]:
    """As :func:`child`, with the peak memory in bytes as the second value.

    The process reads its own peak (VmHWM): what ``getrusage`` reports of a child begins at the parent's memory.
    """
    code += "\nprint(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    seconds, output = child(code)
    text, _, kibibytes = output.strip().rpartition("\n")
    return seconds, 1024.0 * int(kibibytes), text


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, memory, compiler and versions. No names, no places."""
    processor = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    versions = {}
    for package in ("numba", "llvmlite", "numpy", "scipy", "sympy", "pandas", "torch", "ioh", "deap"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "processor": processor.group(1) if processor else platform.processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1) if memory else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "compiler": f"{' '.join(COMPILER[:3])}, version {compiler}",
        **versions,
    }
