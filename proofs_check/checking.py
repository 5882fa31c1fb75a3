"""check: decide the claims of all papers, or of some, and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs_check.claim import PRESETS, Claim, Result
from proofs_check.progress import track
from proofs_check.verdict import overall
from theory.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

PAPERS = (
    "drift-revisited", "monotone-entropy", "hidden-subset", "kf-rtrl", "ok-rtrl", "fs-rnn", "decoupled-hrnn",
    "random-init-permutation", "es-past-descent", "gated-rnn-attention", "modular-solutions", "internal-rl",
    "randomized-transformers", "embedded-universal-agents",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """Decided claims; print it for a table."""

    results: tuple[Result, ...]
    preset: str
    strict: bool = False

    @property
    def verdict(self) -> str:
        """The worst verdict of a claim."""
        return overall([result.verdict for result in self.results])

    def exit_code(self, strict: bool | None = None) -> int:
        """1 if a claim is refuted or failed, or, where strict, inconclusive; otherwise 0."""
        strict = self.strict if strict is None else strict
        return int(self.verdict in ("refuted", "failed") or (strict and self.verdict == "inconclusive"))

    def to_dict(self) -> dict:
        """``{"verdict": ..., "claims": [...]}`` with plain values."""
        return {"verdict": self.verdict, "claims": [result.to_dict() for result in self.results]}

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2)

    def table(self) -> pd.DataFrame:
        """One row a claim."""
        import pandas as pd

        return pd.DataFrame([result.to_dict() for result in self.results])

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __str__(self) -> str:
        from proofs_check.text import report_text

        return report_text(self)


def claims(paper: str | None = None) -> list[Claim]:
    """The claims of a paper, or of all of them.

    Raises
    ------
    InputError
        For an unknown paper, or one without claims yet.

    Examples
    --------
    >>> claims("drift-revisted")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: paper: unknown paper 'drift-revisted'; did you mean drift-revisited?
    """
    from proofs_check.claims import PAPERS_WITH_CLAIMS

    every = [claim for module in PAPERS_WITH_CLAIMS for claim in module.CLAIMS]
    if paper is None:
        return every
    if paper not in PAPERS:
        raise InputError(f"paper: unknown paper {paper!r}; {nearest(str(paper), PAPERS)}")
    found = [claim for claim in every if claim.paper == paper]
    if not found:
        raise InputError(f"paper: {paper} has no claims yet; those that have are {', '.join(sorted({x.paper for x in every}))}")
    return found


def check(
    preset: str = "quick",
    paper: str | None = None,
    claim: str | None = None,
    *,
    strict: bool = False,
    progress: bool | None = None,
) -> Report:
    """Decide claims.

    Parameters
    ----------
    preset : {"quick", "full"}
        Half a minute, or some minutes with more runs and larger n.
    paper : str, optional
        Only this paper's claims.
    claim : str, optional
        Only this claim.
    strict : bool
        What :meth:`Report.exit_code` makes of inconclusive claims: a failure.
    progress : bool, optional
        Show a progress bar after two seconds; default: if standard error is a terminal.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        For an unknown preset, paper or claim.

    Examples
    --------
    >>> report = check(claim="leadingones-formula")
    >>> report.verdict, report.exit_code()
    ('proved', 0)
    """
    if preset not in PRESETS:
        raise InputError(f"preset: unknown preset {preset!r}; {nearest(str(preset), PRESETS)}")
    chosen = claims(paper)
    if claim is not None:
        known = [one.id for one in chosen]
        if claim not in known:
            of = f" of {paper}" if paper is not None else ""
            raise InputError(f"claim: unknown claim {claim!r}{of}; {nearest(str(claim), known)}")
        chosen = [one for one in chosen if one.id == claim]
    return Report(tuple(one.run(preset) for one in track(chosen, len(chosen), "checking claims", progress)), preset, strict)
