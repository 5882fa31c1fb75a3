"""What docs/data.md shows is what the code says."""

from __future__ import annotations

import doctest
from pathlib import Path

from nets.core.data.load_set import IMAGES, SIGNALS, TEXTS

PAGE = Path(__file__).parent.parent / "docs" / "data.md"


def test_the_page_on_data_prints_what_it_shows(monkeypatch):
    monkeypatch.delenv("DRIFTPROOF_DATA", raising=False)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=flags)
    assert tried > 15 and failed == 0


def test_the_page_on_data_lists_every_set():
    rows = [line.split("`")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted([*TEXTS, *IMAGES, *SIGNALS])
