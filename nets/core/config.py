"""Configs: typed, frozen, known by a hash. No torch here.

An experiment's config is a dataclass derived from :class:`Config`; its fields are whole numbers, numbers, truth values, texts,
choices (``Literal``), tuples of these, or any of them or None. Each value is checked against its field's type whichever way it
comes: from Python, from ``--set key=value`` or from a TOML file.

The hash of a config is that of all its fields but the seed: runs with the same hash differ by their seeds alone. Where a run is
done (:class:`Hardware`) is no part of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from theory.errors import InputError, nearest

# not 16-mixed: its losses must be scaled, of which gradients written by hand know nothing
Precision = Literal["32-true", "64-true", "bf16-mixed", "bf16-true"]
Device = Literal["cpu", "cuda", "mps", "auto"]

_LONGEST = 200  # characters of a value's text
_WHOLE = re.compile(r"[+-]?\d+(\.\d*)?([eE]\+?\d{1,2})?")
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "none"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """What every experiment's config has; derive a frozen dataclass from it and override :meth:`check` for limits.

    Attributes
    ----------
    seed : int
        At least 0. Everything random is keyed by it.
    threads : int
        Threads inside an operation of torch. Results are the same bit for bit only where it is the same.
    precision : str
        As Lightning Fabric calls it: ``"32-true"``, ``"64-true"``, ``"bf16-mixed"`` or ``"bf16-true"``.
    log_every, evaluate_every, checkpoint_every : int
        Steps between two rows of training metrics, two evaluations, two checkpoints: each happens after the update in which the
        count of steps (see :mod:`nets.core.experiment`) reaches or passes a multiple. So methods that update at different
        moments have their rows at equal steps.
    diverged_above : float or None
        A row of training metrics with a loss of more than this many times that of a predictor that knows nothing (see
        :meth:`nets.core.experiment.Learner.baseline`) ends training as diverged; None: only what isn't finite does. A row is a
        mean over ``log_every`` steps, and 10 times is far from what a bad start or a rate that is somewhat too large comes to.

    How long a stage trains is a field of the experiment's own config, in the unit that its methods are compared in.

    Raises
    ------
    InputError
        Naming the field, its value and what would be right.

    Examples
    --------
    >>> config = Config(log_every=500)
    >>> config.with_values({"log_every": "1e4", "seed": "3"}).log_every
    10000
    >>> config.with_values({"log_ever": "7"})
    Traceback (most recent call last):
    theory.errors.InputError: log_ever: unknown key of Config; did you mean log_every?
    """

    seed: int = 0
    threads: int = 1
    precision: Precision = "32-true"
    log_every: int = 100
    evaluate_every: int = 1000
    checkpoint_every: int = 1000
    diverged_above: float | None = 10.0

    def __post_init__(self) -> None:
        for name, kind in _types(type(self)).items():
            object.__setattr__(self, name, _typed(getattr(self, name), kind, name))
        at_least(self, 0, "seed")
        at_least(self, 1, "threads", "log_every", "evaluate_every", "checkpoint_every", "diverged_above")
        self.check()

    def check(self) -> None:
        """Check what the types don't say; raise an InputError that begins with the field's name and a colon."""

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """The same config with some fields changed; a text is read by the field's type.

        Raises
        ------
        InputError
            If a key is unknown or a value is wrong.
        """
        kinds = _types(type(self))
        for name in values:
            if name not in kinds:
                raise InputError(f"{name[:40]}: unknown key of {type(self).__name__}; {nearest(name, kinds)}")
        read = {name: _read(value, kinds[name], name) if isinstance(value, str) else value for name, value in values.items()}
        return dataclasses.replace(self, **read)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, in the order of the fields.

        >>> Config().with_values(Config(seed=5).to_dict()).seed
        5
        """
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True)
class Hardware:
    """Where a run is done: no part of a config's hash.

    Attributes
    ----------
    device : str
        ``"cpu"`` (default: there results can be repeated bit for bit), ``"cuda"``, ``"mps"``, or ``"auto"``: what there is.
    devices : int
        Processes on this machine, one a device; they share the global batch.
    nodes : int
        Machines.
    """

    device: Device = "cpu"
    devices: int = 1
    nodes: int = 1

    def __post_init__(self) -> None:
        for name, kind in _types(type(self)).items():
            object.__setattr__(self, name, _typed(getattr(self, name), kind, name))
        at_least(self, 1, "devices", "nodes")

    @property
    def processes(self) -> int:
        """How many share the work."""
        return self.devices * self.nodes


def at_least(config: Any, least: float, *names: str) -> None:
    """Refuse fields below a limit (None passes); for :meth:`Config.check`.

    Raises
    ------
    InputError
    """
    for name in names:
        value = getattr(config, name)
        if value is not None and value < least:
            raise InputError(f"{name}: {value} must be at least {least}")


def config_hash(config: Config, names: Iterable[str] | None = None) -> str:
    """What runs share that differ by their seed alone: a short digest of all fields but the seed, in whatever order.

    Parameters
    ----------
    config : Config
    names : iterable of str, optional
        Only of these fields.

    Examples
    --------
    >>> config_hash(Config(seed=1)) == config_hash(Config(seed=2)) != config_hash(Config(threads=2))
    True
    """
    values = config.to_dict()
    chosen = values if names is None else {name: values[name] for name in names}
    chosen = {name: value for name, value in chosen.items() if name != "seed"}
    text = json.dumps(chosen, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_toml(path: str | os.PathLike) -> dict[str, Any]:
    """The values in a TOML file: one flat table of field names.

    Raises
    ------
    InputError
        If it can't be read or isn't such a table.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"config: can't read {path}: {error.strerror or error}; give a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"config: {path} is not TOML: {' '.join(str(error).split())}") from None
    for name, value in values.items():
        if isinstance(value, dict):
            raise InputError(f"config: {path} has a table [{name}]; write the fields without tables, e.g. lr = 0.01")
    return values


def what_fields_take(config: Config) -> dict[str, str]:
    """Field name to what it takes, in words.

    >>> what_fields_take(Config())["precision"]
    'one of 32-true, 64-true, bf16-mixed, bf16-true'
    """
    return {name: _in_words(kind) for name, kind in _types(type(config)).items()}


def _types(owner: type) -> dict[str, Any]:
    """Field name to type, in the order of the fields."""
    hints = get_type_hints(owner)
    return {field.name: hints[field.name] for field in fields(owner)}


def _typed(value: Any, kind: Any, name: str) -> Any:
    """The value, if it is of the field's type; a whole number serves as a number, a list as a tuple."""
    if _is_union(kind):
        for option in get_args(kind):
            try:
                return _typed(value, option, name)
            except InputError:
                continue
    elif get_origin(kind) is Literal:
        if any(value == choice and type(value) is type(choice) for choice in get_args(kind)):
            return value
    elif get_origin(kind) is tuple:
        if isinstance(value, (list, tuple)):
            return tuple(_typed(item, get_args(kind)[0], name) for item in value)
    elif kind is float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    elif type(value) is kind:
        return value
    raise _wrong(value, kind, name)


def _read(text: str, kind: Any, name: str) -> Any:
    """The value that a text stands for in a field of this type; :func:`_typed` checks it afterwards."""
    word = text.strip()
    if len(text) > _LONGEST and kind is not str:
        raise _wrong(text[:40] + "...", kind, name)
    if _is_union(kind):
        options = get_args(kind)
        if type(None) in options and word.lower() == "none":
            return None
        for option in options:
            try:
                return _typed(_read(text, option, name), option, name)
            except InputError:
                continue
        raise _wrong(text, kind, name)
    if get_origin(kind) is Literal:
        named = {str(choice).lower(): choice for choice in get_args(kind)}
        if word.lower() not in named:
            raise InputError(f"{name}: unknown choice {word!r}; {nearest(word, map(str, get_args(kind)))}")
        return named[word.lower()]
    if get_origin(kind) is tuple:
        return tuple(_read(part, get_args(kind)[0], name) for part in word.strip("()[],").split(",") if part.strip())
    if kind is bool and word.lower() in ("true", "false"):
        return word.lower() == "true"
    if kind is int and _WHOLE.fullmatch(word):
        number = Fraction(word)  # 1e6 too, and exactly
        if number.denominator == 1:
            return int(number)
    if kind is float:
        try:
            return float(word)
        except ValueError:
            raise _wrong(text, kind, name) from None
    return text if kind is str else word


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _wrong(value: Any, kind: Any, name: str) -> InputError:
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return InputError(f"{name}: {shown} must be {_in_words(kind)}")


def _in_words(kind: Any) -> str:
    if _is_union(kind):
        return " or ".join(_in_words(option) for option in get_args(kind))
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        return f"a list of values, each {_in_words(get_args(kind)[0])}"
    return _WORDS[kind]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
