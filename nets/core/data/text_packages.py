"""Texts in installed packages: ``docs5m`` (sympy's docstrings), ``topics`` (Python's help), ``wiki6m`` (gensim's sample).

They depend on the version of the package, so a hash other than the one measured is a warning. ``text8_style`` is the
normalisation of M. Mahoney's text8: lower case, each maximal run of bytes outside a-z one space, none at the ends.
"""

from __future__ import annotations

import ast
import bz2
import hashlib
import platform
import re
from pathlib import Path

from nets.core.data.places import cached, data_folder, in_folder, package_folder, unavailable
from nets.core.data.record import Text, as_text, hashes_agree, ninety_five_five, sha256
from theory.errors import InputError
from theory.files import version_of

DOCS5M = "588232654a20c9f8b2fe6f0b8fe7bb79518c8ade71a42a8e23e4114c44500ce7"  # sympy 1.14.0, read by CPython 3.11
WIKI6M = "34c1c63050c87cc8477b9ae36b1cb0edf372612c92938b742e579a7109c20fa4"  # gensim 4.4.0, unpacked
WIKI_FILE = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"


def text8_style(text: bytes) -> bytes:
    """At most 27 symbols: a-z and single spaces.

    >>> text8_style(b"  Don't panic: 42 times! ")
    b'don t panic times'
    """
    return re.sub(rb"[^a-z]+", b" ", text.lower()).strip()


def docs5m(root: str | Path | None, strict: bool) -> Text:
    """The docstrings of sympy, about 5 MB of English and formulas."""
    folder = package_folder("sympy")
    if folder is None:
        raise unavailable("docs5m", "sympy isn't installed", "pip install sympy")
    paths = _sources(folder)
    if not paths:
        raise unavailable("docs5m", "sympy is installed without its sources", "pip install --force-reinstall sympy")
    version = version_of("sympy")
    sizes = repr([(path, (folder / path).stat().st_size) for path in paths])
    key = f"docs5m-{version}-{platform.python_version()}-{hashlib.sha256(sizes.encode()).hexdigest()[:12]}"
    text = cached(key, lambda: docstrings(folder))
    found, expected = {"text": sha256(text)}, {"text": DOCS5M}
    verified = hashes_agree("docs5m", found, expected, original=False, strict=strict)
    return as_text("docs5m", f"docstrings of sympy {version}", ninety_five_five(text), found, expected, verified)


def docstrings(folder: Path) -> bytes:
    """All docstrings of a package, without its tests: by file, then by line, two newlines between them.

    Sources are parsed, not imported, so it does not matter whether Python keeps docstrings.
    """
    parts = []
    for path in _sources(folder):
        tree = ast.parse((folder / path).read_bytes())
        nodes = [n for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))]
        nodes.sort(key=lambda node: getattr(node, "lineno", 0))
        parts += [doc for node in nodes if (doc := ast.get_docstring(node, clean=True))]
    return ("\n\n".join(parts) + "\n").encode()


def _sources(folder: Path) -> list[str]:
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    return sorted(path for path in paths if "tests" not in path.split("/"))


def topics(root: str | Path | None, strict: bool) -> Text:
    """Python's help topics in lower case, 31 symbols (a-z, space and . , ' -), split 90/10 into ``train`` and ``valid``.

    Everything else is left out and a newline is a space. The text changes with each patch version of Python: no hash is known.
    """
    from pydoc_data.topics import topics as by_name

    text = "\n".join(by_name[name] for name in sorted(by_name)).lower()
    content = re.sub(r"[^a-z .,'\n-]", "", text).replace("\n", " ").encode()
    cut = int(0.9 * len(content))
    splits = {"train": content[:cut], "valid": content[cut:]}
    source = f"help topics of Python {platform.python_version()}"
    return as_text("topics", source, splits, {"text": sha256(content)}, {}, False, ("depends on Python's patch version",))


def wiki6m(root: str | Path | None, strict: bool) -> Text:
    """Wikipedia's XML, 6 MB: the sample in the gensim package, or its bare .bz2 in the folder."""
    bare, package = in_folder(data_folder(root), "wiki6m", WIKI_FILE), package_folder("gensim")
    path = bare or (package and package / "test" / "test_data" / WIKI_FILE)
    if path is None or not path.is_file():
        raise unavailable("wiki6m", f"gensim isn't installed and no folder holds {WIKI_FILE}", "pip install gensim")
    try:
        text = bz2.decompress(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"wiki6m: {str(path)!r} isn't a whole .bz2 file ({error}); install gensim again") from error
    found, expected = {"text": sha256(text)}, {"text": WIKI6M}
    verified = hashes_agree("wiki6m", found, expected, original=False, strict=strict)
    source = str(path) if bare else f"gensim {version_of('gensim')}"
    return as_text("wiki6m", source, ninety_five_five(text), found, expected, verified)


def in_text8_style(record: Text) -> Text:
    """The corpus with the whole text normalised, then split anew in the same proportions (topics keeps its two splits)."""
    whole = text8_style(b"".join(record.splits.values()))
    if "test" in record.splits:
        splits = ninety_five_five(whole)
    else:
        splits = {"train": whole[: (cut := int(0.9 * len(whole)))], "valid": whole[cut:]}
    return as_text(
        record.name, record.source + ", text8 style", splits, {"text": sha256(whole)}, {}, record.verified,
        (*record.notes, "normalised to a-z and single spaces"),
    )  # fmt: skip
