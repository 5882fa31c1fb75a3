"""Derivations and their premises as JSON and back, without loss and without running anything that a document says.

A sympy expression is written as the tree of its heads and arguments. Only the heads named here are ever built, so that a
document from elsewhere can't call anything else. A process is written as its classes and their parameters; what can't be
written (a compiled function) becomes :class:`Opaque`, which says what is missing.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import Field, dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Basic

from theory.errors import InputError
from theory.symbols import SYMBOLS

_CONSTANTS: dict[str, Basic] = {
    "pi": sympy.pi, "E": sympy.E, "gamma": sympy.EulerGamma, "oo": sympy.oo, "-oo": -sympy.oo,
    "golden": sympy.GoldenRatio, "true": sympy.true, "false": sympy.false,
}  # fmt: skip
_HEADS: dict[str, Any] = {
    head.__name__: head
    for head in (
        sympy.Add, sympy.Mul, sympy.Pow, sympy.log, sympy.exp, sympy.Min, sympy.Max, sympy.Abs, sympy.sign,
        sympy.floor, sympy.ceiling,
        sympy.Piecewise, sympy.functions.elementary.piecewise.ExprCondPair, sympy.Sum, sympy.Product, sympy.Integral, sympy.Tuple,
        sympy.harmonic, sympy.binomial, sympy.factorial, sympy.gamma, sympy.digamma, sympy.polygamma, sympy.loggamma, sympy.zeta,
        sympy.LambertW, sympy.expint, sympy.Ei, sympy.erf, sympy.erfc, sympy.besseli, sympy.beta, sympy.Mod,
        sympy.Lambda, sympy.sin, sympy.cos, sympy.tan, sympy.acos, sympy.asin, sympy.atan,
        sympy.Eq, sympy.Ne, sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge, sympy.And, sympy.Or, sympy.Not,
    )
}  # fmt: skip
_RELATIONS = tuple(_HEADS[name] for name in ("Equality", "Unequality", "StrictLessThan", "LessThan", "StrictGreaterThan",
                                             "GreaterThan"))  # fmt: skip


@dataclass(frozen=True)
class Opaque:
    """Something that a document names but can't hold, e.g. a process with a compiled function."""

    key: str

    def __str__(self) -> str:
        return self.key


@functools.cache
def _own_heads() -> dict[str, Any]:
    """Functions of this package that stand in formulas."""
    from theory.bounds.leadingones_premises import V_LO
    from theory.bounds.onemax_easiest import E_OneMax

    return {one.__name__: one for one in (E_OneMax, V_LO)}


@functools.cache
def _classes() -> dict[str, type]:
    """The dataclasses of this package that may stand in a document."""
    from theory import bound, derivation, facts, lemmas

    found = [bound.Source, derivation.Check, derivation.Derivation, lemmas.Applied, Opaque, *facts.FACTS]
    return {one.__name__: one for one in found}


# ---- to JSON


def encode(value: Any) -> Any:
    """Plain JSON values for a derivation, a fact, an expression or a container of them.

    >>> from theory.symbols import c, n
    >>> encode(c / n)
    {'f': 'Mul', 'a': [{'s': 'c'}, {'f': 'Pow', 'a': [{'s': 'n'}, {'q': '-1'}]}]}
    """
    from theory.process import Process

    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, Basic):
        return _encode_expr(value)
    if isinstance(value, (tuple, list)):
        return {"tuple": [encode(x) for x in value]}
    if isinstance(value, dict):
        return {"map": [[encode(x), encode(y)] for x, y in value.items()]}
    if isinstance(value, Process):
        return _encode_process(value)
    if is_dataclass(value) and type(value).__name__ in _classes():
        return {"is": type(value).__name__, **{field.name: encode(getattr(value, field.name)) for field in fields(value)}}
    return {"is": "Opaque", "key": str(getattr(value, "key", value))}


def _encode_expr(expr: Basic) -> Any:
    for name, constant in _CONSTANTS.items():
        if expr is constant:
            return {"k": name}
    if isinstance(expr, sympy.Rational):
        return {"q": str(expr)}
    if isinstance(expr, sympy.Float):
        return {"x": str(expr), "precision": int(expr._prec)}
    if isinstance(expr, sympy.Dummy):
        return {"d": expr.name, "index": expr.dummy_index, "is": _assumptions(expr)}
    if isinstance(expr, sympy.Symbol):
        return {"s": expr.name} if SYMBOLS.get(expr.name) == expr else {"s": expr.name, "is": _assumptions(expr)}
    arguments = [_encode_expr(a) for a in expr.args]
    head = type(expr).__name__
    if isinstance(expr, sympy.core.function.AppliedUndef):
        return {"u": head, "a": arguments}
    if _HEADS.get(head) is not type(expr) and _own_heads().get(head) is not type(expr):
        raise InputError(f"expression: {head} can't be written to JSON; known are {', '.join(sorted(_HEADS))}")
    document: dict[str, Any] = {"f": head, "a": arguments}
    if not isinstance(expr, _RELATIONS) and type(expr)(*expr.args) != expr:
        document["raw"] = True  # it was built unevaluated
    return document


def _assumptions(symbol: sympy.Symbol) -> dict[str, bool]:
    return {name: bool(truth) for name, truth in sorted(symbol._assumptions_orig.items()) if truth is not None}


def _encode_process(process: Any) -> Any:
    parts = {"algorithm": _encode_object(process.algorithm), "problem": _encode_object(process.problem)}
    if any(part is None for part in parts.values()):
        return {"is": "Opaque", "key": process.key}
    return {"process": parts}


def _encode_object(thing: Any) -> Any:
    """A class of theory with its parameters, where each is an attribute of the same name; None where it can't be written."""
    arguments = {}
    own = thing.parameters() if hasattr(thing, "parameters") else {}
    for name in inspect.signature(type(thing)).parameters:
        value: Any = own[name] if name in own else getattr(thing, name, None)
        if hasattr(value, "tolist"):
            value = value.tolist()
        if callable(value) and not isinstance(value, Basic):
            return None
        if isinstance(value, (int, float, str, bool, Fraction, Basic, list, tuple, type(None))):
            arguments[name] = encode(value)
        elif type(value).__module__.startswith("theory."):
            inner = _encode_object(value)
            if inner is None:
                return None
            arguments[name] = {"object": inner}
        else:
            return None
    return {"class": type(thing).__name__, "arguments": arguments}


# ---- from JSON


def decode(document: Any) -> Any:
    """The inverse of :func:`encode`.

    Raises
    ------
    InputError
        For a document that isn't one of ours.

    Examples
    --------
    >>> from theory.symbols import c, n
    >>> decode(encode((1 - c / n) ** (1 - n))) == (1 - c / n) ** (1 - n)
    True
    """
    try:
        return _decode(document)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"document: it is no derivation that was written here ({type(error).__name__}: {error})") from None


def _decode(document: Any) -> Any:
    if not isinstance(document, dict):
        if document is None or isinstance(document, (bool, int, float, str)):
            return document
        raise InputError(f"document: {type(document).__name__} is not expected here")
    if isinstance(document.get("is"), str):
        chosen = _classes().get(document["is"])
        if chosen is None:
            raise InputError(f"document: unknown kind {document['is']!r}")
        found = {name: _decode(value) for name, value in document.items() if name != "is"}
        for field in fields(chosen):
            if field.name in found and not _fits(found[field.name], field):
                raise InputError(f"{field.name}: {str(found[field.name])[:60]!r} must be {field.type} in {document['is']}")
        return chosen(**found)
    if "fraction" in document:
        return Fraction(_digits(document["fraction"]))
    if "tuple" in document:
        return tuple(_decode(x) for x in document["tuple"])
    if "map" in document:
        return {_decode(x): _decode(y) for x, y in document["map"]}
    if "process" in document:
        return _decode_object(document["process"]["algorithm"]).on(_decode_object(document["process"]["problem"]))
    return _decode_expr(document)


_ELEMENTS: dict[str, type | tuple] = {"where": Basic, "sizes": int, "constants": Fraction}


def _fits(value: Any, field: Field) -> bool:
    """Whether a value has the type of its field. It matters for more than good manners: sympy evaluates text as Python."""
    from theory.facts import Fact

    known = {**_classes(), "Fact": Fact, "Expr": sympy.Expr, "Symbol": sympy.Symbol, "str": str, "bool": bool, "tuple": tuple}
    for part in str(field.type).split(" | "):
        name, _, inside = part.partition("[")
        if name == "Any" or (name == "None" and value is None):
            return True
        if name in known and isinstance(value, known[name]):
            if field.name in ("values", "others"):  # of symbols
                return all(map(_is_value, value))
            if field.name in ("given", "put"):  # names or symbols, and expressions
                return all(isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], Basic) for pair in value)
            element = _ELEMENTS.get(field.name) or known.get(inside.partition(",")[0])
            return name != "tuple" or element is None or all(isinstance(x, element) for x in value)
    return False


def _is_value(pair: Any) -> bool:
    """A symbol and its value, or two that enclose it."""
    if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], sympy.Symbol)):
        return False
    ends = pair[1] if isinstance(pair[1], tuple) and len(pair[1]) == 2 else (pair[1],)
    return all(isinstance(x, (int, Fraction)) for x in ends)


def _name(text: Any) -> str:
    """The name of a symbol or a function: a word, since names stand in source text that is made from formulas."""
    if not isinstance(text, str) or not re.fullmatch(r"\w+", text):
        raise InputError(f"document: {str(text)[:40]!r} is no name of a symbol or a function")
    return text


_LARGEST = 10_000
_GROWING = {"Pow": 1, "exp": 0, "factorial": 0, "gamma": 0, "binomial": 0, "harmonic": 0, "zeta": 0, "polygamma": 0, "beta": 0}
"""Functions that make huge numbers of short ones, and the first argument that matters."""


def _digits(text: Any) -> str:
    """An integer or a fraction as it is written here; '1e999999999' would take all memory."""
    if not isinstance(text, str) or not re.fullmatch(r"-?\d+(/\d+)?", text):
        raise InputError(f"document: {str(text)[:40]!r} is no integer or fraction")
    return text


def _decode_expr(document: dict) -> Basic:
    if "k" in document:
        return _CONSTANTS[document["k"]]
    if "q" in document:
        return sympy.Rational(_digits(document["q"]))
    if "x" in document:
        if not (isinstance(document["precision"], int) and 0 < document["precision"] <= _LARGEST):
            raise InputError(f"document: a number's precision must be an integer up to {_LARGEST}")
        return sympy.Float(document["x"], precision=document["precision"])
    if "d" in document:
        return sympy.Dummy(_name(document["d"]), dummy_index=int(document["index"]), **document["is"])
    if "s" in document:
        return sympy.Symbol(_name(document["s"]), **document["is"]) if "is" in document else SYMBOLS[document["s"]]
    arguments = [_decode_expr(a) for a in document["a"]]
    if "u" in document:
        return sympy.Function(_name(document["u"]))(*arguments)
    name = document["f"]
    if name in _GROWING and all(x.is_number for x in arguments) and any(abs(x) > _LARGEST for x in arguments[_GROWING[name] :]):
        raise InputError(f"document: {name} of a number above {_LARGEST} is not worked out")
    head: Callable[..., Basic] = _HEADS[name] if name in _HEADS else _own_heads()[name]
    if head in _RELATIONS or document.get("raw"):
        return head(*arguments, evaluate=False)
    return head(*arguments)


def _decode_object(document: dict) -> Any:
    from theory.algorithms import ALGORITHMS
    from theory.problems import PROBLEMS

    chosen = {one.__name__: one for one in (*ALGORITHMS, *PROBLEMS)}[document["class"]]
    arguments = {
        name: _decode_object(value["object"]) if isinstance(value, dict) and "object" in value else _decode(value)
        for name, value in document["arguments"].items()
    }
    return chosen(**arguments)
