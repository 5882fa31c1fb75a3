"""Where theory meets experiment: comparisons, and the claims of papers with the tests that decide them.

``compare`` holds bounds and exact values of a process against its simulation; ``claims`` lists what papers claim;
``check`` decides it; ``verify`` replays the derivation of a bound. Everything is loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_check.certificate import Certificate, verify
    from proofs_check.checking import Report, check, claims
    from proofs_check.claim import Claim, Result
    from proofs_check.comparison import Comparison, compare

__all__ = ["Certificate", "Claim", "Comparison", "Report", "Result", "check", "claims", "compare", "verify"]

# No file here bears the name of a public function: importing it would put the module in the function's place. The one
# exception is the folder claims/, which is callable for that reason (see there).
_HOME = {
    "Certificate": "certificate", "Claim": "claim", "Comparison": "comparison", "Report": "checking", "Result": "claim",
    "check": "checking", "claims": "checking", "compare": "comparison", "verify": "certificate",
}  # fmt: skip


# theory.lazy has this for every other package: here nothing of theory may be loaded, for the independent checker's sake.
def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"proofs_check.{_HOME[name]}"), name)
    raise AttributeError(f"module 'proofs_check' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
