"""From descriptions to machine code: expressions and problems become numba source, kernels are specialised to them.

numba's disk cache does not serve kernels that take functions as arguments. So a kernel is a *template*: a Python file
that imports its hooks from :mod:`theory.hooks`. :func:`specialise` writes a copy in which that import is replaced by the
source of the process's own hooks, into the cache folder, under the hash of everything that went into it; numba compiles it
there once, and every later process finds the machine code.

The cache folder is ``$DRIFTPROOF_CACHE``, else ``$XDG_CACHE_HOME/driftproof``, else ``~/.cache/driftproof``; it can be
deleted at any time.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sympy import Expr
from sympy.printing.pycode import PythonCodePrinter

from theory.errors import InputError

HOOK_ORDER = (
    "rate", "first_rate", "adapt", "level", "part", "part_of", "value", "compare", "judge", "remembered", "moved", "weight",
    "survival", "accepts", "accepts_pair", "optimal", "potentials", "record_times", "measured", "state_of",
)  # fmt: skip
_IMPORT = re.compile(r"^from theory\.hooks import (\([^)]*\)[^\n]*|[^\n]*)\n", re.MULTILINE)


class _NumbaPrinter(PythonCodePrinter):
    """sympy to Python that numba compiles; every symbol is a float there."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True, "strict": True})

    def _nested(self, name: str, arguments: tuple) -> str:
        text = self._print(arguments[0])
        for argument in arguments[1:]:
            text = f"{name}({text}, {self._print(argument)})"
        return text

    def _print_Min(self, expr: Expr) -> str:
        return self._nested("min", expr.args)

    def _print_Max(self, expr: Expr) -> str:
        return self._nested("max", expr.args)

    def _print_Integer(self, expr: Expr) -> str:
        return f"{int(expr)}.0"

    def _print_Rational(self, expr: Expr) -> str:
        return f"({int(expr.p)}.0/{int(expr.q)}.0)"

    def _print_LambertW(self, expr: Expr) -> str:
        return f"lambert_w({self._print(expr.args[0])})"

    def _print_Pow(self, expr: Expr, **kwargs: Any) -> str:
        if expr.exp.is_Integer and 1 < abs(int(expr.exp)) <= 64:  # integer powers are exact and fast
            base = self.parenthesize(expr.base, 100)
            return f"({base}**{int(expr.exp)})" if expr.exp > 0 else f"(1.0/{base}**{-int(expr.exp)})"
        return super()._print_Pow(expr, **kwargs)


# sympy gives its commonest numbers classes of their own
for _name in ("Zero", "One", "NegativeOne"):
    setattr(_NumbaPrinter, f"_print_{_name}", _NumbaPrinter._print_Integer)
_NumbaPrinter._print_Half = _NumbaPrinter._print_Rational


def expression_source(expr: Expr, argument: str = "rate") -> str:
    """One line of Python, in floats n, c, t, k, v, that evaluates a sympy expression.

    >>> from theory.symbols import n, c
    >>> expression_source(c / n)
    'c/n'
    """
    try:
        text = _NumbaPrinter().doprint(expr)
    except Exception:  # the printer raises various things for functions it doesn't know
        text = "not supported"
    if "not supported" in text.lower():
        raise InputError(
            f"{argument}: {expr} has a function that can't be compiled; use + - * / ** log exp sqrt Min Max Piecewise"
        )
    return text


def rate_source(expr: Expr) -> str:
    """Source of the hook ``rate`` for an expression that depends on t, k or v."""
    names = sorted(str(s) for s in expr.free_symbols)
    lines = [f"    {s} = float({s})" for s in names]
    return "\n".join(["def rate(n, c, t, k, v, p):", *lines, f"    return {expression_source(expr)}"])


def potentials_source(exprs: list[Expr], functions: int = 0, hook: str = "potentials") -> str:
    """Source of the hook ``potentials`` (or ``measured``) for expressions, followed by the user's functions of the bits.

    >>> print(potentials_source([], 1, "measured"))
    def measured(n, c, t, k, v, p, x, row):
        row[0] = user_measured_0(x)
    """
    prefix = {"potentials": "user_potential", "measured": "user_measured"}[hook]
    names = sorted({str(s) for e in exprs for s in e.free_symbols})
    lines = [f"    {s} = float({s})" for s in names]
    lines += [f"    row[{i}] = {expression_source(e, 'observe')}" for i, e in enumerate(exprs)]
    lines += [f"    row[{len(exprs) + j}] = {prefix}_{j}(x)" for j in range(functions)]
    return "\n".join([f"def {hook}(n, c, t, k, v, p, x, row):", *(lines or ["    pass"])])


@functools.lru_cache(maxsize=1024)
def function_source(function: Callable) -> str:
    """Source of a plain Python function that serves as a hook; looked up once, since that takes a third of a millisecond."""
    return textwrap.dedent(inspect.getsource(function))


def fingerprint(dispatcher: Any) -> str:
    """A hash of what a user's numba function does: its code and every constant, array and function that it refers to.

    Where something can't be hashed the result is unique to this process, so that nothing stale is ever served.
    """
    digest, seen = hashlib.sha256(), set()

    def feed(thing: Any) -> None:
        if hasattr(thing, "py_func"):
            thing = thing.py_func
        if id(thing) in seen:
            return
        if inspect.isfunction(thing):
            seen.add(id(thing))
            code(thing.__code__, thing.__globals__)
            for cell in thing.__closure__ or ():
                feed(cell.cell_contents)
        elif inspect.ismodule(thing):
            digest.update(thing.__name__.encode())
        elif thing is None or isinstance(thing, (bool, int, float, complex, str, bytes, type)):
            digest.update(repr(thing).encode())
        elif isinstance(thing, (tuple, list, frozenset)):
            for item in sorted(thing, key=repr) if isinstance(thing, frozenset) else thing:
                feed(item)
        elif hasattr(thing, "tobytes"):
            digest.update(str(getattr(thing, "dtype", "")).encode() + str(getattr(thing, "shape", "")).encode() + thing.tobytes())
        elif callable(thing) and getattr(thing, "__module__", None) and getattr(thing, "__qualname__", None):
            digest.update(f"{thing.__module__}.{thing.__qualname__}".encode())
        else:
            digest.update(os.urandom(16))

    def code(block: Any, names: Mapping[str, Any]) -> None:
        digest.update(block.co_code)
        for constant in block.co_consts:
            if inspect.iscode(constant):
                code(constant, names)
            else:
                feed(constant)
        for name in block.co_names:
            digest.update(name.encode())
            if name in names:
                feed(names[name])

    feed(dispatcher)
    return digest.hexdigest()[:32]


def _home(function: Any) -> str:
    """The module of a user's function, and of functions that it wraps: a kernel in numba's cache looks for them there."""
    plain = getattr(function, "py_func", function)
    inner = (cell.cell_contents for cell in plain.__closure__ or ())
    return ", ".join([plain.__module__, *(_home(one) for one in inner if hasattr(one, "py_func"))])


@functools.cache
def cache_dir() -> Path:
    """The folder of generated kernels; a temporary one if the usual one can't be written."""
    base = os.environ.get("DRIFTPROOF_CACHE")
    usual = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftproof"
    try:
        usual.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=usual):
            return usual
    except OSError:
        if base:
            raise InputError(f"DRIFTPROOF_CACHE: {base} can't be written; name a folder that can") from None
        return Path(tempfile.mkdtemp(prefix="driftproof-"))


@functools.cache
def _support_hash() -> str:
    """Hash of what every kernel leans on: its helpers, this file, the versions of numba and numpy."""
    import numba
    import numpy

    digest = hashlib.sha256(f"{sys.version_info[:2]} {numba.__version__} {numpy.__version__}".encode())
    root = Path(__file__).parent
    kernels = sorted((root.parent / "sim" / "kernels").glob("*.py"))
    for path in (root / "jit.py", root / "hooks.py", Path(__file__), *kernels):
        text = path.read_bytes()
        if not _IMPORT.search(text.decode()):  # a template counts where it is used, by its own text
            digest.update(text)
    return digest.hexdigest()


_loaded: dict[str, ModuleType] = {}


def specialise(
    template: Path,
    constants: Mapping[str, bool | int | float] | None = None,
    hooks: Mapping[str, Callable | str] | None = None,
    user: Mapping[str, Any] | None = None,
) -> ModuleType:
    """Load a kernel template with its hooks replaced.

    Parameters
    ----------
    template : Path
        A Python file that imports from :mod:`theory.hooks`.
    constants : mapping of str to bool, int or float
        Values of the hooks' constants (``STRICT``, ``FLIPS``, ...): branches that they rule out cost nothing.
    hooks : mapping of str to function or source text
        The process's own definitions; what is missing is taken from :mod:`theory.hooks`.
    user : mapping of str to numba function
        The user's compiled functions, by the name under which the hooks call them.

    Returns
    -------
    module
        With the template's functions, compiled at their first call and served from the disk cache afterwards.
    """
    import theory.hooks as defaults

    hooks, user = dict(hooks or {}), dict(user or {})
    values = {name: getattr(defaults, name) for name in dir(defaults) if name.isupper()}
    unknown = (set(constants or ()) - set(values)) | (set(hooks) - set(HOOK_ORDER))
    assert not unknown, f"no such hooks: {unknown}"
    values.update(constants or {})
    text = template.read_text(encoding="utf-8")
    definitions = []
    for name in HOOK_ORDER:
        own = hooks.get(name, getattr(defaults, name))
        definitions.append("@hook\n" + (own if isinstance(own, str) else function_source(own)).strip() + "\n")
    used = set(re.findall(r"\w+", "".join([text, *definitions])))  # a constant that nobody reads makes no difference
    parts = [
        "import math",
        "import numpy as np",
        "from theory.jit import hook, lambert_w" if "lambert_w" in used else "from theory.jit import hook",
        *(f"{name} = {value!r}" for name, value in values.items() if name in used),
        *definitions,
    ]
    body, replaced = _IMPORT.subn(lambda _: "\n".join(parts) + "\n", text, count=1)
    assert replaced == 1, f"{template} does not import from theory.hooks"
    body = body.replace("from __future__ import annotations\n", "", 1)
    prints = "".join(f"{name}={fingerprint(function)} of {_home(function)};" for name, function in sorted(user.items()))
    source = f"# Generated by theory.compile from {template.name}; user functions: {prints or 'none'}\n{body}"
    name = f"{template.stem}_{hashlib.sha256((source + _support_hash()).encode()).hexdigest()[:24]}"
    if name in _loaded:
        return _loaded[name]
    path = cache_dir() / f"{name}.py"
    if not path.exists():
        _write_once(path, source)
    module = ModuleType(f"driftproof_kernels_{name}")
    module.__file__ = str(path)
    module.__dict__.update(user)
    sys.modules[module.__name__] = module  # numba looks a kernel's globals up there
    exec(compile(source, str(path), "exec"), module.__dict__)
    return _loaded.setdefault(name, module)


def _write_once(path: Path, text: str) -> None:
    """Write whole or not at all, and never touch an existing file (its time stamp keys numba's cache)."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(temporary, path)
        return
    os.unlink(temporary)
