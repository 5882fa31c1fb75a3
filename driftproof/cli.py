"""The command ``driftproof``.

Exit status: 0 done, 1 a claim is refuted or a run failed, 2 the input was wrong (one line on standard error says what),
130 stopped with Ctrl-C, 141 whoever read the output went away.

argparse rather than a generator of command lines from types: it starts in 10 ms, and its errors can be made one line.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from driftproof.errors import UsageError

COMMANDS = ("bound", "simulate", "sweep", "check", "train", "report")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; default: those of the process.

    Returns
    -------
    int
        The exit status.
    """
    return guarded(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    return importlib.import_module(f"driftproof.commands.{arguments.command}").run(arguments)


def guarded(run: Callable[[], int]) -> int:
    """Run, and turn wrong input and interruptions into one line on standard error and an exit status."""
    for stream in (sys.stdout, sys.stderr):  # names of authors on a terminal that knows no umlauts
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = run()
        sys.stdout.flush()
        return status
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except KeyboardInterrupt:
        return _fail("stopped by Ctrl-C; nothing is half-written", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at exit
        return 141
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _fail("standard output: no space left; write to another disk", 1)
    except ValueError as error:
        if not _is_about_input(error):
            raise
        return _fail(" ".join(str(error).split()), 2)


def _fail(message: str, status: int) -> int:
    print(f"driftproof: {message}", file=sys.stderr)
    return status


def _is_about_input(error: ValueError) -> bool:
    theory = sys.modules.get("theory.errors")  # if theory isn't imported, it can't have raised
    kinds = () if theory is None else (theory.InputError, theory.PreconditionError)
    return isinstance(error, (UsageError, *kinds))


class Parser(argparse.ArgumentParser):
    """argparse with one-line errors in the form of every other error, and without abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Help, **options})
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument "):  # "argument --rate: expected one argument"
            message = message.removeprefix("argument ").removeprefix("--")
        elif message.startswith("unrecognized arguments: "):
            message = _unknown(message.removeprefix("unrecognized arguments: "), self)
        elif message.startswith("the following arguments are required: "):
            message = f"command: missing; the commands are {', '.join(COMMANDS)}"  # every option is optional to argparse
        raise UsageError(f"{message}; see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = ", ".join(map(str, action.choices))
            raise UsageError(f"{action.dest}: unknown name {value[:40]!r}; known are {known}")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Lines are broken between words only: a name with hyphens is one word, to be copied."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        import textwrap

        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)


class _Once(argparse.Action):
    """Store a value; an option that is given twice is an error, since one of them would be silently dropped."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        given: set[str] = getattr(namespace, "_given", set())
        if self.dest in given:
            raise UsageError(f"{self.dest}: given twice; give it once")
        namespace._given = given | {self.dest}
        setattr(namespace, self.dest, values)


def _unknown(words: str, parser: argparse.ArgumentParser) -> str:
    import difflib

    word = words.split()[0]
    name = word.split("=")[0]
    options = [option for action in parser._actions for option in action.option_strings if option.startswith("--")]
    options = [option for option in options if option != "--help"]  # the message ends with it anyway
    begun = [option for option in options if len(name) > 3 and option.startswith(name)]
    close = begun[:1] or difflib.get_close_matches(name, options, n=1)
    said = f"{name.removeprefix('--')}: unknown {'option' if word.startswith('-') else 'argument'}"
    if close:
        return f"{said}; did you mean {close[0]}?"
    parameter = word.startswith("-") and "--algorithm" in options
    return said + ("; parameters go in brackets, e.g. 'metropolis(alpha=n)'" if parameter else "")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="driftproof",
        description="Runtime bounds of randomised hillclimbers: derived symbolically, simulated, held against each other.",
        epilog="Exit status: 0 done, 1 a claim is refuted or a run failed, 2 the input was wrong.",
    )
    parser.add_argument("--version", action=_Version, help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Command)
    for name in COMMANDS:
        module = importlib.import_module(f"driftproof.commands.{name}")
        command = commands.add_parser(name, help=module.SUMMARY, description=module.__doc__)
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    return parser


class _Command(Parser):
    """The parser of one command: it sees the words that only it can call unknown."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        space, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error("unrecognized arguments: " + " ".join(rest))
        return space, rest


class _Version(argparse.Action):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "nargs": 0, "default": argparse.SUPPRESS})

    def __call__(self, parser: Any, *_: Any) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"driftproof {version('driftproof')}")
        except PackageNotFoundError:
            print("driftproof (not installed: run from a checkout)")
        raise SystemExit(0)
