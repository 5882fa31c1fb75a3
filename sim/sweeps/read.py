"""How a plan is written, and how it becomes cells.

A plan is a mapping: ``seed``, ``defaults`` (what every cell has unless it says otherwise; ``~`` takes a default away) and
``cells``, a list of mappings. A list of values stands for several cells; several lists are crossed. What is under ``observe``
(see :class:`sim.Observe`) is taken as it stands.

    seed: 7
    defaults: {algorithm: one-plus-one-ea, rate: c/n, c: 1, replicates: 100}
    cells:
      - {problem: [onemax, leading-ones], n: [100, 200, 400]}
      - {problem: jump(gap=2), n: 20, budget: 1e7, observe: {targets: [18, 22]}}

Each value remembers where it stood, so that whatever is wrong with it is said with its line and column. Numbers are read from
their text, exactly: 0.1 is one tenth.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sim.sweeps.cell import Cell
from theory.errors import InputError, nearest

LARGEST_FILE = 4 * 2**20  # bytes
LARGEST_PLAN = 10**6  # cells
_DEEPEST = 6  # levels of lists and mappings; a plan has four
_TOP = ("seed", "defaults", "cells")


@dataclass(frozen=True)
class Field:
    """A value of a plan, and where it stands.

    Attributes
    ----------
    value : object
        A list of fields, a dict of name to field, None, or a scalar: a text where the plan is a file.
    where : str
        E.g. ``"plan.yaml line 3 column 9"``, or ``"cells[0].n"`` where the plan is a Python object.
    key_where : str
        The same of the key before the value.
    """

    value: Any
    where: str
    key_where: str = ""


class Kind(Protocol):
    """A kind of cells: how the mapping of one cell is read.

    Attributes
    ----------
    name : str
        For errors.
    keys : sequence of str
        What such a mapping may hold.
    marks : sequence of str
        Keys that only this kind has.
    unfolded : sequence of str
        Keys whose value is one value, whatever lists and mappings are in it.
    """

    @property
    def name(self) -> str: ...

    @property
    def keys(self) -> Sequence[str]: ...

    @property
    def marks(self) -> Sequence[str]: ...

    @property
    def unfolded(self) -> Sequence[str]: ...

    def spread(self, fields: Mapping[str, Field]) -> dict[str, Field]:
        """The fields with what stands for several of them, or for a list of values, written out; lists are crossed afterwards."""

    def cell(self, fields: Mapping[str, Field]) -> Cell:
        """The cell. An InputError that begins with a key's name and a colon is located at that key's value."""


def cells_of(plan: Field, kinds: Iterable[Kind] | None = None) -> list[Cell]:
    """The cells of a plan that was read by :func:`from_yaml` or :func:`from_python`.

    Raises
    ------
    InputError
        Saying where in the plan and what would be right.
    """
    from sim.sweeps.simulation_kind import SimulationKind

    known: list[Kind] = [SimulationKind()] if kinds is None else list(kinds)
    top = _mapping(plan, f"a mapping of {', '.join(_TOP)}")
    _known(top, _TOP)
    shared = _mapping(top["defaults"], "a mapping") if "defaults" in top else {}
    _known(shared, [key for kind in known for key in kind.keys])
    if "seed" in top:
        shared = {"seed": top["seed"], **shared}
    if "cells" not in top:
        raise _wrong(plan.where, "cells: missing; give a list of mappings, e.g. {problem: onemax, n: [100, 200]}")
    if not isinstance(top["cells"].value, list):
        raise _wrong(top["cells"].where, "cells: must be a list of mappings")
    cells: list[Cell] = []
    for item in top["cells"].value:
        cells += _cross(item, shared, known, LARGEST_PLAN - len(cells))
    return cells


def _cross(item: Field, shared: Mapping[str, Field], kinds: list[Kind], room: int) -> list[Cell]:
    """The cells of one mapping: its lists are crossed, the last one running fastest."""
    own = _mapping(item, "a mapping, e.g. {problem: onemax, n: [100, 200]}")
    kind = next((kind for fields in (own, shared) for kind in kinds if set(kind.marks) & set(fields)), kinds[0])
    _known(own, kind.keys, "" if len(kinds) == 1 else f" of a {kind.name}")
    fields = {**kind.spread({name: field for name, field in shared.items() if name in kind.keys}), **kind.spread(own)}
    fields = {name: field for name, field in fields.items() if field.value is not None}
    lists = {name for name, field in fields.items() if isinstance(field.value, list) and name not in kind.unfolded}
    for name in fields:
        if name in lists and not fields[name].value:
            raise _wrong(fields[name].where, "the list is empty; give at least one value")
    choices = [field.value if name in lists else [field] for name, field in fields.items()]
    if math.prod(map(len, choices)) > room:
        raise _wrong(item.where, f"the plan has more than {LARGEST_PLAN} cells; cut it into several")
    cells = []
    for chosen in itertools.product(*choices):
        one = dict(zip(fields, chosen, strict=True))
        for name, field in one.items():
            if isinstance(field.value, (list, dict)) and name not in kind.unfolded:
                raise _wrong(field.where, "must be one value")
        try:
            cells.append(kind.cell(one))
        except InputError as error:
            name = str(error).partition(":")[0]
            raise _wrong(one[name].where if name in one else item.where, str(error)) from None
    return cells


def from_python(plan: Mapping[str, Any]) -> Field:
    """A plan that is a Python object of the same form; ranges, tuples and (except as ``start``) arrays are lists of values."""

    def convert(value: Any, where: str, name: str, depth: int) -> Field:
        if depth > _DEEPEST:
            raise _wrong(where, "nested too deeply")
        if isinstance(value, Mapping):
            inner = {str(key): convert(item, f"{where}.{key}".lstrip("."), str(key), depth + 1) for key, item in value.items()}
            return Field(inner, where, where)
        if isinstance(value, (list, tuple, range)) or (isinstance(value, np.ndarray) and name != "start"):
            return Field([convert(item, f"{where}[{i}]", name, depth + 1) for i, item in enumerate(value)], where, where)
        return Field(value, where, where)

    return convert(plan, "", "", 0)


def from_yaml(path: str | os.PathLike) -> Field:
    """A plan that is a YAML file.

    Raises
    ------
    InputError
        If it can't be read or isn't YAML, with line and column.
    """
    import yaml

    source = Path(path)
    try:
        if source.stat().st_size > LARGEST_FILE:
            raise InputError(f"plan: {path} is larger than {LARGEST_FILE // 2**20} MiB; it is no plan")
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"plan: can't read {path}: {error.strerror or error}; give a YAML file") from None
    except UnicodeDecodeError:
        raise InputError(f"plan: {path} is not a text file; give a YAML file") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise InputError(f"plan: {path} is empty; give a mapping of {', '.join(_TOP)}")
        return _from_node(node, f"{path}", 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _place(path, mark) if mark else f"{path}"
        raise _wrong(where, f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:  # a character that YAML doesn't allow: it knows its position alone
        position = getattr(error, "position", 0)
        line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
        raise _wrong(f"{path} line {line} column {column}", "not YAML: a character that is not allowed") from None
    except RecursionError:
        raise InputError(f"plan: {path} is nested too deeply") from None


def _from_node(node: Any, path: str, depth: int) -> Field:
    import yaml

    where = _place(path, node.start_mark)
    if depth > _DEEPEST:
        raise _wrong(where, "nested too deeply")
    if isinstance(node, yaml.SequenceNode):
        return Field([_from_node(item, path, depth + 1) for item in node.value], where)
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Field] = {}
        for key, item in node.value:
            place = _place(path, key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                raise _wrong(place, "a key must be a name")
            if key.value in fields:
                raise _wrong(place, f"{key.value}: given twice; give it once")
            inner = _from_node(item, path, depth + 1)
            fields[key.value] = Field(inner.value, inner.where, place)
        return Field(fields, where)
    return Field(None if node.tag == "tag:yaml.org,2002:null" else node.value, where)


def plain(field: Field) -> Any:
    """The lists, mappings and scalars in a field, without their places."""
    if isinstance(field.value, dict):
        return {name: plain(inner) for name, inner in field.value.items()}
    return [plain(inner) for inner in field.value] if isinstance(field.value, list) else field.value


def _place(path: str | os.PathLike, mark: Any) -> str:
    return f"{path} line {mark.line + 1} column {mark.column + 1}"


def _mapping(field: Field, what: str) -> dict[str, Field]:
    if not isinstance(field.value, dict):
        raise _wrong(field.where, f"must be {what}")
    return field.value


def _known(fields: Mapping[str, Field], known: Sequence[str], of: str = "") -> None:
    for name, field in fields.items():
        if name not in known:
            raise _wrong(field.key_where, f"unknown key {name[:40]!r}{of}; {nearest(name, known)}")


def _wrong(where: str, message: str) -> InputError:
    return InputError(f"plan: {where}: {message}" if where else f"plan: {message}")
