"""User text to sympy expressions, safely: the text is parsed to a syntax tree and only arithmetic is let through."""

from __future__ import annotations

import ast
import numbers
from collections.abc import Mapping

import sympy
from sympy import Expr
from sympy.core.function import AppliedUndef

from theory.errors import InputError, nearest
from theory.schedules import SCHEDULES
from theory.symbols import SYMBOLS

FUNCTIONS = {
    "log": sympy.log,
    "ln": sympy.log,
    "exp": sympy.exp,
    "sqrt": sympy.sqrt,
    "Min": sympy.Min,
    "min": sympy.Min,
    "Max": sympy.Max,
    "max": sympy.Max,
    "floor": sympy.floor,
    "ceiling": sympy.ceiling,
    "Abs": sympy.Abs,
    "abs": sympy.Abs,
    "Piecewise": sympy.Piecewise,
    "LambertW": sympy.LambertW,
    **SCHEDULES,
}
CONSTANTS = {"pi": sympy.pi, "E": sympy.E}
DOUBLE = 53  # bits of precision of a Python float
LONGEST = 2000  # characters; more is not a formula that somebody typed
_BINARY = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
_COMPARE = {ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge, ast.Eq: sympy.Eq, ast.NotEq: sympy.Ne}


def expression(value: object, argument: str, symbols: Mapping[str, sympy.Symbol] = SYMBOLS, *, floats: bool = False) -> Expr:
    """Turn a number, a sympy expression or a text into an expression in the allowed symbols.

    Parameters
    ----------
    value : number, sympy expression or str
    argument : str
        The name that an error message gives to the value.
    symbols : mapping of str to sympy.Symbol
        The symbols that may occur; default ``n c t k v``.
    floats : bool
        Whether a float stays one, where 1.0 and 1 are different things; else it is the fraction that it prints as.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    InputError
        If the value isn't an expression or holds an unknown symbol.

    Examples
    --------
    >>> expression("c/n", "rate"), expression(0.1, "rate")
    (c/n, 1/10)
    >>> expression("import os", "rate")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: rate: 'import os' is not a formula; write one like 'c/n'
    """
    if isinstance(value, str):
        result = _from_text(value, argument, symbols)
    elif isinstance(value, bool):
        raise InputError(f"{argument}: {value} is not a formula; give a number or an expression like c/n")
    elif isinstance(value, Expr):
        result = value
    elif isinstance(value, numbers.Number) or hasattr(value, "_sympy_"):
        try:
            result = sympy.sympify(value)
        except (sympy.SympifyError, TypeError, ValueError):
            result = None
    else:
        result = None
    if not isinstance(result, Expr):
        raise InputError(
            f"{argument}: {value!r} is not a formula; give a number, a text or a sympy expression in {', '.join(symbols)}"
        )
    unknown = sorted(map(str, result.atoms(AppliedUndef)))
    if unknown:
        raise InputError(f"{argument}: nothing is known of the function {unknown[0]}; give its formula")
    if result.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I):
        raise InputError(f"{argument}: {value} is not a finite real expression")
    for symbol in sorted(result.free_symbols, key=str):
        if symbol not in symbols.values():
            if str(symbol) in symbols:  # the user's own Symbol('n'): same name, other assumptions
                result = result.subs(symbol, symbols[str(symbol)])
            else:
                raise InputError(
                    f"{argument}: unknown symbol '{symbol}' in {value}; {nearest(str(symbol), symbols)}"
                    f" (import them: from theory import {', '.join(SYMBOLS)})"
                )
    return result if floats else result.xreplace({x: as_printed(x) for x in result.atoms(sympy.Float)})


def as_printed(number: sympy.Float) -> Expr:
    """The rational number that a decimal number stands for: what it prints as, not the nearest binary fraction.

    Numbers of more than double precision stay as they are.

    >>> as_printed(sympy.Float(0.1)), as_printed(sympy.Float(1e-3) / 2)
    (1/10, 1/2000)
    """
    return sympy.Rational(repr(float(number))) if number._prec == DOUBLE else number


def _from_text(text: str, argument: str, symbols: Mapping[str, sympy.Symbol]) -> Expr:
    wrong = InputError(f"{argument}: {text[:80]!r} is not a formula; write one like 'c/n'")
    if len(text) > LONGEST:
        raise wrong
    text = text.strip().replace("^", "**")  # the mathematician's power, with the precedence of a power
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise wrong from None

    def walk(node: ast.AST) -> sympy.Basic:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            literal = ast.get_source_segment(text, node)
            if len(str(literal)) > 40:
                raise InputError(f"{argument}: the number {str(literal)[:20]}... has more than 40 characters")
            return sympy.Rational(str(literal).replace("_", ""))  # 0.1 means one tenth
        if isinstance(node, ast.Name):
            if node.id in symbols:
                return symbols[node.id]
            if node.id in CONSTANTS:
                return CONSTANTS[node.id]
            schedule = {name.lower(): made for name, made in SCHEDULES.items()}.get(node.id.lower())
            if schedule is not None:
                return schedule()
            raise InputError(f"{argument}: unknown symbol '{node.id}' in {text!r}; {nearest(node.id, symbols)}")
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = walk(node.left), walk(node.right)
            if isinstance(node.op, ast.Pow) and left.is_number and right.is_number:
                if not (abs(right) <= 64 and abs(left) <= 10**18):  # 9**9**9 would never end
                    raise InputError(f"{argument}: the power in {text!r} is too large")
            if isinstance(node.op, ast.Div) and right.is_zero:
                raise InputError(f"{argument}: division by zero in {text!r}")
            return _BINARY[type(node.op)](left, right)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            operand = walk(node.operand)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
            return _COMPARE[type(node.ops[0])](walk(node.left), walk(node.comparators[0]))
        if isinstance(node, ast.Tuple):
            return sympy.Tuple(*map(walk, node.elts))
        if isinstance(node, ast.Constant) and node.value is True:
            return sympy.true
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            if node.func.id not in FUNCTIONS:
                raise InputError(f"{argument}: unknown function '{node.func.id}' in {text!r}; {nearest(node.func.id, FUNCTIONS)}")
            return FUNCTIONS[node.func.id](*map(walk, node.args))
        raise wrong

    try:
        return walk(tree.body)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise wrong from None
