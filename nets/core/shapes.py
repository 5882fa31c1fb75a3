"""Shapes where a user's arrays come in: written as types (jaxtyping), checked (beartype), and told in one line if they are wrong.

    @checked
    def draws(cell: KroneckerCell, inputs: Float[Tensor, "T {cell.n_in}"], deltas: Float[Tensor, "T {cell.state_dim}"]): ...

An axis has one size in all arguments; what stands in braces is read from an argument. A check takes some tenths of a millisecond:
it stands where a sequence, a data set or a cell is handed over, and in no time step, whose shapes are types for the reader alone.
Both libraries are part of the extra ``nets``; the slower one is imported by the first check.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from theory.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")

_ARRAY = re.compile(r"""(\w+)\[[\w.]+,\s*["']([^"']*)["']\]""")  # Float[Tensor, "B n"], as it is written
_WHICH = re.compile(r"typechecking parameter '(\w+)'")
_SIZE = re.compile(r"^(\w+)=(\d+)$", re.MULTILINE)
_KINDS = {"Float": "floats", "Int": "integers", "Integer": "integers", "Bool": "truth values", "Num": "numbers"}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its arguments checked against their annotations, in a module with ``from __future__ import annotations``.

    Parameters
    ----------
    function : callable

    Returns
    -------
    callable
        Raises an :class:`theory.errors.InputError` that names the argument, what was given and what would be right.

    Examples
    --------
    >>> import torch
    >>> from nets.rtrl import RNN
    >>> from nets.rtrl.measure import linearised
    >>> linearised(RNN(2, 3), torch.ones(5, 4))
    Traceback (most recent call last):
        ...
    theory.errors.InputError: inputs: float32 of shape (5, 4); linearised takes floats of shape (T, 2), T = 5
    """

    @functools.cache
    def tried() -> Callable[P, R]:
        from beartype import beartype
        from jaxtyping import jaxtyped

        return jaxtyped(typechecker=beartype)(function)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        from jaxtyping import TypeCheckError

        try:
            return tried()(*args, **kwargs)
        except TypeCheckError as error:
            which = _WHICH.search(str(error))
            if which is None:  # what is returned is wrong: no input's fault
                raise
            given = inspect.signature(function).bind(*args, **kwargs)
            given.apply_defaults()
            sizes = {axis: size for axis, size in _SIZE.findall(str(error))}
            said = _said(function, which[1], given.arguments, sizes)
        raise InputError(said)

    return call


def _said(function: Callable[..., Any], name: str, arguments: dict[str, Any], sizes: dict[str, str]) -> str:
    """What is wrong with an argument, in one line."""
    value, wanted = arguments[name], str(function.__annotations__[name])
    array = _ARRAY.search(wanted)
    called = function.__qualname__.removesuffix(".__init__").lstrip("_")
    if array is None:
        shown = repr(value) if len(repr(value)) <= 60 else f"a {type(value).__name__}"
        return f"{name}: {' '.join(shown.split())}; {called} takes {wanted}"
    axes = [axis.format(**arguments) for axis in array[2].split()]
    shape = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
    known = "".join(f", {axis} = {size}" for axis, size in sizes.items() if re.search(rf"\b{axis}\b", shape))
    return f"{name}: {_told(value)}; {called} takes {_KINDS.get(array[1], array[1])} of shape {shape}{known}"


def _told(value: Any) -> str:
    """An array by its type and shape, anything else by its type."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"
