"""Graphs of 1000 vertices against ``graph_peer.cpp``: both sides make the same number of generations from uniform starts."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import BUILD, COMPILER, HERE, Result, z_score

VERTICES, DEGREE, COLOURS = 1000, 10, 3
LIMIT = 1.5
GENERATIONS = {"cut": 2_000_000, "cover": 2_000_000, "colouring": 2_000_000, "tree": 20_000}


def build() -> Path:
    """Compile ``graph_peer.cpp`` if it changed."""
    program, source = BUILD / "graph_peer", HERE / "graph_peer.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([*COMPILER, "-o", str(program), str(source)], check=True)
    return program


def problems() -> tuple[dict[str, Any], Path]:
    """The problems on one random regular graph with random integer weights, and the file from which the peer reads it."""
    import networkx as nx

    from theory import GraphColouring, MaxCut, MinimumSpanningTree, VertexCover

    graph = nx.random_regular_graph(DEGREE, VERTICES, seed=1)
    rng = np.random.default_rng(1)
    for edge in graph.edges:
        graph.edges[edge]["weight"] = int(rng.integers(1, 10**6))
    tree = MinimumSpanningTree(graph)
    weights = np.array([int(w / tree.graph.scale) for w in tree.graph.weights])
    BUILD.mkdir(exist_ok=True)
    path = BUILD / "graph.bin"
    rows = np.column_stack([tree.graph.edges, weights])
    np.concatenate([[VERTICES, len(rows)], rows.ravel()]).astype(np.int64).tofile(path)
    found = {  # with targets out of reach: no run ends before its last generation
        "cut": MaxCut(graph, target=graph.number_of_edges()),
        "cover": VertexCover(graph, target=0),
        "colouring": GraphColouring(graph, COLOURS),
        "tree": tree,
    }
    return found, path


def peer(problem: str, path: Path, runs: int, seed: int, generations: int) -> tuple[float, list[int]]:
    """Seconds of the peer's runs, and the fitness at the end of each."""
    command = [str(build()), problem, str(path), "1", str(runs), str(seed), str(generations), str(COLOURS)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert set(answer["components"]) <= {0, 1}, "a spanning tree was not found: give it more generations"
    return answer["seconds"], answer["fitness"]


def ours(problem: Any, runs: int, seed: int, generations: int, **options: Any) -> tuple[float, Any]:
    """Seconds of the whole call of ``simulate`` on one thread."""
    from sim import simulate
    from theory import OnePlusOneEA

    process = OnePlusOneEA("1/n").on(problem)
    begin = time.perf_counter()
    result = simulate(process, replicates=runs, seed=seed, threads=1, engine="sparse", budget=generations, **options)
    return time.perf_counter() - begin, result


def graphs(quick: bool) -> list[Result]:
    """Time a generation, as a ratio ours / C++."""
    found, path = problems()
    pairs, runs = (3, 1) if quick else (10, 3)
    results = []
    for name, problem in found.items():
        generations = GENERATIONS[name] // (4 if quick and name != "tree" else 1)
        peer(name, path, 1, 99, generations)
        ours(problem, 1, 99, 1000)
        ratios, times = [], []
        for i in range(pairs):
            order = [lambda i=i: peer(name, path, runs, i, generations), lambda i=i: ours(problem, runs, i, generations)]
            seconds = [run()[0] for run in (order if i % 2 else order[::-1])]
            theirs, own = seconds if i % 2 else seconds[::-1]
            ratios.append(own / theirs)
            times.append((1e9 * theirs / (runs * generations), 1e9 * own / (runs * generations)))
        sample = 10 if quick else 30
        at_end = {"at": [generations], "potentials": {"v": "v"}}
        fitness = ours(problem, sample, 5, generations, observe=at_end)[1].observed["potentials"]["v"][:, 0]
        z = z_score(peer(name, path, sample, 5, generations)[1], list(fitness if name != "tree" else -fitness))
        middle = statistics.median(ratios)
        text = f"{middle:.2f} ({min(ratios):.2f}-{max(ratios):.2f}); "
        text += "C++ {:.3g} ns, ours {:.3g} ns a generation; ".format(*map(statistics.median, zip(*times)))
        text += f"z of the last fitness {z:+.1f}"
        size = f"{VERTICES} vertices, {VERTICES * DEGREE // 2} edges"
        results.append(
            Result("graphs", f"{name}, {size}", f"<= {LIMIT} of C++", text, middle <= LIMIT, {"ratios": ratios, "z": z})
        )
    return results
