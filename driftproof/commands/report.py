"""Decide the claims of the papers and write what came out as one HTML page, which opens without a network.

With --store FILE, claims that a check has decided into this file are not decided again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from driftproof.commands.check import add_running, add_selection, checked, stopped
from driftproof.errors import UsageError
from driftproof.output import print_json

if TYPE_CHECKING:
    import argparse

SUMMARY = "write the claims and their verdicts as a page"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--out", metavar="FILE", default="report.html", help="where to write it (default: report.html)")
    add_selection(parser)
    add_running(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check, draw, write."""
    path = writable(arguments.out)
    try:
        report = checked(arguments)
    except KeyboardInterrupt:
        return stopped()
    from driftproof.report import headline, page
    from proofs_check.progress import Bar
    from theory.files import write_whole

    with Bar("drawing") as bar:
        text = page(report, _command(arguments), bar)

    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise UsageError(f"out: can't write {path}: {error.strerror}") from None
    if arguments.json:
        print_json({"path": str(path)})
    else:
        print(f"{headline(report)}\nthe page: {path.resolve()}")
    return report.exit_code()


def writable(text: str) -> Path:
    """A path that a file can be written to, tried out before any work is done.

    Raises
    ------
    UsageError
    """
    path = Path(text)
    if path.is_dir():
        raise UsageError(f"out: {path} is a folder; name a file in it, e.g. {path / 'report.html'}")
    if path.suffix.lower() not in ("", ".html", ".htm"):
        raise UsageError(f"out: {path} would hold HTML, not {path.suffix[1:]}; name it {path.stem}.html")
    from theory.files import not_a_file

    if not_a_file(path):
        raise UsageError(f"out: can't write {path}: {not_a_file(path)}; name a file in a folder that can be written")
    probe = path.with_name(f".{path.name}.{os.getpid()}.probe")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(f"out: can't write {path}: {error.strerror}; name a file in a folder that can be written") from None
    return path


def _command(arguments: argparse.Namespace) -> str:
    paper = f" --paper {arguments.paper}" if arguments.paper else ""
    return f"driftproof report --preset {arguments.preset}{paper}"
