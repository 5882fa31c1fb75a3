"""The claims, one file a paper. Adding a paper means adding a file and its line here.

The function ``proofs_check.claims(paper=None)`` and this folder have one name. Importing a folder puts it in the place of
whatever had its name before, so the folder itself can be called.
"""

from __future__ import annotations

import sys
from types import ModuleType

from proofs_check.claim import Claim
from proofs_check.claims import (
    catalogue,
    compression,
    drift_revisited,
    entropy_certificate,
    hidden_subset,
    hottopic,
    monotone_entropy,
    monotone_functions,
    rtrl,
)

PAPERS_WITH_CLAIMS = (
    drift_revisited, hottopic, monotone_entropy, compression, entropy_certificate, monotone_functions, hidden_subset, rtrl,
    catalogue,
)  # fmt: skip


class _Claims(ModuleType):
    def __call__(self, paper: str | None = None) -> list[Claim]:
        from proofs_check.checking import claims

        return claims(paper)


sys.modules[__name__].__class__ = _Claims
