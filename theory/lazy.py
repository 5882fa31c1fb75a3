"""A package whose names are loaded when first used: the two functions that Python asks it for (PEP 562), written once.

So ``import nets.rtrl`` doesn't wait for torch, and a command that simulates doesn't load what proves.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, home: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    home : mapping of str to str
        Name to the module below the package that holds it, e.g. ``{"OK": "estimators.ok"}``; a name that is a module's own stands
        for that module.

    Examples
    --------
    >>> load, names = lazily("json", {"JSONDecoder": "decoder", "tool": "tool"})
    >>> load("JSONDecoder").__name__, load("tool").__name__
    ('JSONDecoder', 'json.tool')
    >>> {"JSONDecoder", "tool", "dumps"} <= set(names())
    True
    >>> load("Decoder")
    Traceback (most recent call last):
        ...
    AttributeError: module 'json' has no attribute 'Decoder'
    """

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{home[name]}")
        return module if name == home[name] else getattr(module, name)

    def names() -> list[str]:
        return [*vars(sys.modules[package]), *home]

    return load, names
