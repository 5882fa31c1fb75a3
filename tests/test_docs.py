"""What the documentation shows is what the code says."""

from __future__ import annotations

from pathlib import Path

from sim.table import markdown

ROOT = Path(__file__).parent.parent


def test_the_table_of_engines_is_the_one_that_the_code_gives():
    assert (ROOT / "docs" / "engines.md").read_text(encoding="utf-8") == markdown(), "run python -m sim.table > docs/engines.md"
