"""What a result depends on in the source: the files that an experiment imports, known by one hash.

From the modules that the experiment names (:attr:`nets.core.experiment.Experiment.sources`) and the training loop, imports are
followed within ``nets``. Hashed is what a file says to Python: comments, docstrings and layout may change. No torch here:
files are read, not imported.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nets.core.experiment import Experiment

ROOT = Path(__file__).parents[2]
_LOOP = ("nets.core.loop", "nets.core.launch")
# what tells of a run, and where it is kept, changes none of its numbers
_ASIDE = {"folder", "jobs", "load", "plot", "progress", "records", "registry", "run", "sources", "take"}


def sources_hash(experiment: Experiment, root: Path = ROOT) -> str:
    """A short digest of all sources that the experiment's numbers depend on.

    Parameters
    ----------
    experiment : Experiment
    root : Path, optional
        The folder that holds the package ``nets``.
    """
    digest = hashlib.sha256()
    for path in sources(experiment, root):
        name = path.relative_to(root).as_posix() if path.is_relative_to(root / "nets") else path.name
        digest.update(name.encode() + b"\0" + meaning(path).encode() + b"\0")
    return digest.hexdigest()[:16]


def sources(experiment: Experiment, root: Path = ROOT) -> list[Path]:
    """The files, in the order of their names."""
    open_ = [path for name in (*experiment.sources, *_LOOP) for path in _files(name, root, whole=name in experiment.sources)]
    found: set[Path] = set()
    while open_:
        path = open_.pop()
        if path not in found:
            found.add(path)
            names = _read(path, path.stat().st_mtime_ns, path.stat().st_size)[1]
            open_ += [file for name in names for file in _files(name, root)]
    return sorted(found)


def meaning(path: Path) -> str:
    """What a file says to Python, in a text that doesn't depend on Python's version."""
    return _read(path, path.stat().st_mtime_ns, path.stat().st_size)[0]


@cache
def _read(path: Path, *_: int) -> tuple[str, tuple[str, ...]]:
    """What a file says, and the names that it imports from ``nets``; read once for each state of the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return _text(tree), tuple(_imports(tree))


def _text(node: Any) -> str:
    if isinstance(node, list):
        return "[" + ",".join(map(_text, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list) and value and _is_docstring(value[0]):
            value = value[1:]
        if value not in (None, []) and name not in ("ctx", "kind", "type_comment"):
            parts.append(f"{name}={_text(value)}")
    return f"{type(node).__name__}({','.join(parts)})"


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(tree: ast.AST) -> Iterator[str]:
    """Names of modules, or of what is in them, that a file imports from ``nets``, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names: Iterable[str] = (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "nets")


def _files(module: str, root: Path, whole: bool = False) -> list[Path]:
    """The file of a module, or a package's own; ``whole``: with all files below. None where it is no module."""
    if module.startswith("nets.core.") and module.split(".")[2] in _ASIDE:
        return []
    path = root / module.replace(".", "/")
    if module.split(".")[0] != "nets":  # an experiment of the user's own
        spec = importlib.util.find_spec(module)
        path = root / "nowhere" if spec is None or spec.origin is None else Path(spec.origin).with_suffix("")
        path = path.parent if path.name == "__init__" else path
    if path.is_dir():
        return [file for file in path.rglob("*.py")] if whole else [path / "__init__.py"]
    file = path.with_suffix(".py")
    return [file] if file.is_file() else []
