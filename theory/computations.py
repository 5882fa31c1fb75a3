"""Which functions a derivation may name as a computation that is to be run again, and with what.

A derivation may come from a document that somebody else wrote. So only a function runs that is defined in this package, is
public, and says in its annotation that it returns a verdict or an exact number. Among these none reads or writes files or makes
source text into code. Text among the arguments must be plain, words and numbers: sympy evaluates other text as Python.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from theory.errors import InputError

RESULTS = ("bool", "Fraction", "tuple[Fraction, int]", "str | None")


def run(function: str, arguments: Any) -> Any:
    """The result of a function of this package, named as ``"theory.module:function"``.

    Raises
    ------
    InputError
        If a derivation may not name it, or not with these arguments.

    Examples
    --------
    >>> run("theory.values:exact", (("value", "1/3"),))
    Fraction(1, 3)
    """
    return _find(function)(**named(function, arguments, defaults=False))


def named(function: str, arguments: Any, defaults: bool = True) -> dict[str, Any]:
    """The arguments of a computation by name, those that it has of itself included.

    >>> named("theory.bounds.onemax_easiest:offspring_rises", (("n", 8),))["n"]
    8
    """
    found = _find(function)
    given = arguments if isinstance(arguments, (tuple, list)) else (None,)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str) for pair in given):
        raise InputError("arguments: must be pairs of a name and a value")
    known = {str(pair[0]): pair[1] for pair in given}
    try:
        ready = inspect.signature(found).bind(**known)
    except TypeError as error:
        raise InputError(f"arguments: {function} can't be called with these: {error}") from None
    if not _plain(known):
        raise InputError("arguments: a text must be plain, of words and numbers")
    if defaults:
        ready.apply_defaults()
    return dict(ready.arguments)


def _find(function: Any) -> Callable[..., Any]:
    module, _, name = str(function).partition(":")
    if not (module == "theory" or module.startswith("theory.")) or not name.isidentifier() or name.startswith("_"):
        raise InputError(f"function: {function!r} must be 'theory.module:function', a public function of this package")
    try:
        found = inspect.unwrap(getattr(importlib.import_module(module), name))
    except (ImportError, AttributeError):
        raise InputError(f"function: there is no {function} here") from None
    if not inspect.isfunction(found) or found.__module__ != module or found.__annotations__.get("return") not in RESULTS:
        raise InputError(f"function: {function} is no computation; its result must be one of {', '.join(RESULTS)}")
    return found


def _plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return _plain(list(value.items()))
    if isinstance(value, (tuple, list)):
        return all(map(_plain, value))
    return not isinstance(value, str) or ("__" not in value and re.fullmatch(r"[\w ./+-]*", value) is not None)
