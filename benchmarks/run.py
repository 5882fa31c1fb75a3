"""Measure the speed targets and print them: ``python benchmarks/run.py [--quick] [name ...]`` (see README.md here)."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measure import BUILD, Result, build_peer, machine  # noqa: E402
from rows import ROWS  # noqa: E402


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    mark = {True: "yes", False: "NO", None: ""}
    lines = ["| row | what | target | measured | met |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {r.row} | {r.what} | {r.target} | {r.measured} | {mark[r.met]} |" for r in results]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"rows to measure, of: {', '.join(ROWS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="fewer pairs and smaller sizes: a look, not a measurement")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in ROWS]
    if unknown:
        parser.error(f"name: {unknown[0]!r} is no row; take some of {', '.join(ROWS)}")
    if shutil.which("g++") is None:
        parser.error("g++ was not found; the C++ peer needs it")
    build_peer()
    results: list[Result] = []
    begin = time.perf_counter()
    for name in arguments.names or ROWS:
        print(f"{time.perf_counter() - begin:6.0f} s  {name}", file=sys.stderr, flush=True)
        results += ROWS[name](arguments.quick)
    print(table(results))
    facts = machine()
    print("\n" + "; ".join(f"{key}: {value}" for key, value in facts.items()))
    document = {"quick": arguments.quick, "machine": facts, "results": [vars(r) for r in results]}
    complete = not arguments.quick and not arguments.names
    path = HERE / "results" / "latest.json" if complete else BUILD / "partial.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0 if all(r.met is not False for r in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
