"""Arguments that don't fit a function of ours: one line that says what would be right, in place of Python's TypeError."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from theory.errors import InputError, nearest

P = ParamSpec("P")
R = TypeVar("R")
_SHORT = 2  # letters: so short are the names of values, n and c


def plain_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Let arguments that are misspelt, missing or too many be an :class:`theory.errors.InputError`; also of a method.

    A name that ``**values`` would swallow is taken for a misspelt parameter where it is close to one.

    Examples
    --------
    >>> @plain_arguments
    ... def run(process, *, replicates, seed=0, **values): ...
    >>> run("a", replicates=10, sead=1, n=5)
    Traceback (most recent call last):
    ...
    theory.errors.InputError: sead: unknown argument of run; did you mean seed?
    >>> run("a", n=5)
    Traceback (most recent call last):
    ...
    theory.errors.InputError: replicates: missing; write run(process, replicates=...)
    """
    signature = inspect.signature(function)
    refuse = _refuse

    def checked(*given: Any, **named: Any) -> R:
        refuse(function.__name__, signature, given, named)
        return function(*given, **named)

    # with the function's own globals, by which doctest knows to which module examples belong
    found = types.FunctionType(checked.__code__, function.__globals__, function.__name__, None, checked.__closure__)
    return functools.update_wrapper(found, function)


def plain_constructor(cls: type) -> None:
    """The same for a class's own ``__init__``, in place.

    >>> class One:
    ...     def __init__(self, rate): ...
    >>> plain_constructor(One)
    >>> One(rat=1)
    Traceback (most recent call last):
    ...
    theory.errors.InputError: rat: unknown argument of One; did you mean rate?
    """
    if "__init__" in vars(cls):
        cls.__init__ = plain_arguments(cls.__init__)  # type: ignore[misc]


def _refuse(function: str, signature: inspect.Signature, given: tuple, named: Mapping[str, Any]) -> None:
    """Raise an error for arguments that don't fit the signature."""
    bound = next(iter(signature.parameters), "")
    if bound in ("self", "cls"):  # what a user writes: the class in place of __init__, and neither self nor cls
        whose = (given[0] if bound == "cls" else type(given[0])).__name__
        function = whose if function == "__init__" else f"{whose}.{function}"
        given, signature = given[1:], signature.replace(parameters=[*signature.parameters.values()][1:])
    try:
        signature.bind(*given, **named)
        fits = True
    except TypeError as error:
        fits, why = False, str(error)
    kinds = {p.name: p.kind for p in signature.parameters.values()}
    names = [name for name, kind in kinds.items() if kind is not inspect.Parameter.VAR_KEYWORD]
    swallows = len(names) < len(kinds)
    for name in named:
        if name not in names and not (swallows and (len(name) <= _SHORT or nearest(name, names).startswith("known"))):
            raise InputError(f"{name}: unknown argument of {function}; {nearest(name, names)}")
    if fits:
        return
    required = [name for name in names if signature.parameters[name].default is inspect.Parameter.empty]
    usage = ", ".join(f"{name}=..." if kinds[name] is inspect.Parameter.KEYWORD_ONLY else name for name in required)
    places = [name for name in names if kinds[name] is not inspect.Parameter.KEYWORD_ONLY]
    missing = [name for name in required if name not in named and name not in places[: len(given)]]
    raise InputError(f"{missing[0] if missing else function}: {'missing' if missing else why}; write {function}({usage})")
