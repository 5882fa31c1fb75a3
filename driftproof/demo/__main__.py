"""``python -m driftproof.demo [--out demo-output] [--quick]``: theory against experiment on embedded defaults.

Writes index.html (the page), picture.png, table.csv (one row a cell) and statements.csv (one row a bound and cell). Exit
status 1 if a statement of theory is refuted.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from driftproof.cli import Parser, guarded
from driftproof.errors import UsageError
from proofs_check.progress import Bar


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; the exit status."""
    return guarded(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    parser = Parser(prog="python -m driftproof.demo", description="Theory against experiment for the (1+1) EA.")
    parser.add_argument("--out", metavar="FOLDER", default="demo-output", help="where to write the page (default: demo-output)")
    parser.add_argument("--quick", action="store_true", help="small n and few runs, in seconds; some verdicts stay open")
    arguments = parser.parse_args(argv)
    folder = _folder(arguments.out)
    begin = time.monotonic()

    import pandas as pd

    from driftproof.demo import page, picture, plan, store, summary

    cells = plan.cells(arguments.quick)
    tables, lines = [], []
    total, done = sum(cell.work for cell in cells), 0.0
    with Bar("theory against experiment") as bar:
        for cell in cells:
            bar(done, total, str(cell))
            table = store.get(folder, cell)
            table = store.put(folder, cell) if table is None else table
            tables.append(table)
            lines.append(summary.line(cell.problem, table))
            done += cell.work
    lines.sort(key=lambda line: (plan.PROBLEMS.index(line.problem), line.n, line.c))

    command = "python -m driftproof.demo" + (" --quick" if arguments.quick else "")
    text = page.render(lines, time.monotonic() - begin, command, cells[0].seed)
    _write(folder / "picture.png", lambda path: picture.save_png(lines, path))
    _write(folder / "table.csv", lambda path: pd.DataFrame(lines).to_csv(path, index=False))
    _write(folder / "statements.csv", lambda path: pd.concat(tables).to_csv(path, index=False))
    _write(folder / "index.html", lambda path: path.write_text(text, encoding="utf-8"))
    _print(lines)
    print(f"{page.headline(lines)} ({time.monotonic() - begin:.0f} s)")
    print(f"the page: {(folder / 'index.html').resolve()}")
    return int(any(line.verdict in ("refuted", "failed") for line in lines))


def _folder(text: str) -> Path:
    """The folder to write to, made and tried out before any work is done."""
    folder = Path(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{os.getpid()}.probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(f"out: can't write in {folder}: {error.strerror}; give another folder") from None
    return folder


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write under a temporary name and rename: the file is complete or isn't there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _print(lines: Sequence) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from driftproof.demo.summary import COLUMNS, texts

    console = Console(width=None if sys.stdout.isatty() else 120)
    hidden = () if console.width >= 116 else ("lower bound", "interval", "b(1)")  # they are on the page
    shown = [i for i, column in enumerate(COLUMNS) if column not in hidden]
    short = {"lower bound": "lower", "upper bound": "upper", "bound/measured": "ratio"}
    title = "(1+1) EA with rate c/n, uniform start: theory against experiment"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 1, 0, 0), show_edge=False)
    for i in shown:
        words = COLUMNS[i] in ("problem", "verdict")
        table.add_column(short.get(COLUMNS[i], COLUMNS[i]), justify="left" if words else "right", no_wrap=True)
    colours = {"consistent": "green", "proved": "green", "inconclusive": "yellow", "refuted": "bold red", "failed": "bold red"}
    before = None
    for line in lines:
        if before not in (None, line.problem):
            table.add_section()
        before = line.problem
        cells = [texts(line)[i] for i in shown]
        table.add_row(*cells[:-1], f"[{colours.get(cells[-1], 'default')}]{cells[-1]}[/]")
    console.print(table)
    print("ratio: upper bound / measured; b(1): the bound for all linear functions (Witt 2013), minimised over its parameter")


if __name__ == "__main__":
    sys.exit(main())
