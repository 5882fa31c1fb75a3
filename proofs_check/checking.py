"""check: decide the claims of all papers, or of some, and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proofs_check.claim import PRESETS, Claim, Result
from proofs_check.papers import PAPERS
from proofs_check.verdict import overall
from theory.arguments import plain_arguments
from theory.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from proofs_check.state import State


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


@plain_arguments
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


@plain_arguments
def check(
    preset: str = "quick",
    paper: str | None = None,
    claim: str | None = None,
    *,
    strict: bool = False,
    store: str | Path | None = None,
    resume: bool = False,
    fresh: bool = False,
    workers: int = 1,
    progress: bool | None = None,
) -> Report:
    """Decide claims.

    Parameters
    ----------
    preset : {"quick", "full"}
        Up to two minutes, or up to half an hour with more runs and larger n.
    paper : str, optional
        Only this paper's claims.
    claim : str, optional
        Only this claim.
    strict : bool
        What :meth:`Report.exit_code` makes of inconclusive claims: a failure.
    store : str, optional
        A file in which decided claims are kept, and from which those are taken that were decided by the same sources, versions,
        seeds and settings.
    resume : bool
        Where no store is named and there are several claims: keep them in a file of the user's cache folder until all of
        them are decided, so that a check that was killed goes on where it was, and one that came to its end starts anew.
    fresh : bool
        Take nothing from what is kept.
    workers : int
        Processes that decide claims at a time. The results don't depend on it. With more than one, a script needs the usual
        ``if __name__ == "__main__":``, since each process imports it.
    progress : bool, optional
        True: a progress bar on standard error after two seconds, lines where it is no terminal. Default: a bar if it is one.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        For an unknown preset, paper or claim, and a store that can't be used.

    Examples
    --------
    >>> report = check(claim="leadingones-formula")
    >>> report.verdict, report.exit_code()
    ('proved', 0)
    """
    if preset not in PRESETS:
        raise InputError(f"preset: unknown preset {preset!r}; {nearest(str(preset), PRESETS)}")
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers: {workers!r} must be a positive integer")
    chosen = _chosen(paper, claim)
    from proofs_check.crew import decide
    from proofs_check.progress import Bar
    from proofs_check.state import State

    path = Path(store) if store is not None else _own_file() if resume and len(chosen) > 1 else None
    state = State(path, own=store is not None, fresh=fresh)
    results: dict[str, Result] = {}
    for one in chosen:
        kept = state.take(one.id, one.setting(preset))
        if kept is not None:
            results[one.id] = one.result(preset, *kept)
    work = _forecast(chosen, preset, state)
    waiting = [one for one in chosen if one.id not in results]
    if workers > 1:  # what takes long first, so that no process waits for the last one
        waiting.sort(key=lambda one: -work[one.id])
    with Bar("checking claims", progress) as bar:
        if results and progress is not False:
            kept_in = "the check that was stopped" if store is None else str(store)
            bar.say(f"{len(results)} of {len(chosen)} claims are taken from {kept_in}")
        for news in decide(waiting, preset, workers):
            if news.result is not None:
                results[news.result.claim.id] = news.result
                one = news.result.claim
                state.keep(one.id, one.setting(preset), news.result.outcome, news.result.seconds)
            bar(sum(work[name] for name in results), sum(work.values()), ", ".join(news.at_work))
    if store is None:
        state.forget((one.id, one.setting(preset)) for one in chosen)
    return Report(tuple(results[one.id] for one in chosen), preset, strict)


def _chosen(paper: str | None, claim: str | None) -> list[Claim]:
    chosen = claims(paper)
    if claim is None:
        return chosen
    known = [one.id for one in chosen]
    if claim not in known:
        of = f" of {paper}" if paper is not None else ""
        close = nearest(str(claim), known)
        advice = close if close.startswith("did you mean") else "driftproof check --list shows them"  # there are hundreds
        raise InputError(f"claim: unknown claim {claim!r}{of}; {advice}")
    return [one for one in chosen if one.id == claim]


def _own_file() -> Path:
    from theory.compile import cache_dir

    return cache_dir() / "check.json"


def _forecast(chosen: list[Claim], preset: str, state: State) -> dict[str, float]:
    """Seconds that the claims took last time; what is unknown counts as the others do on average."""
    known = {one.id: state.seconds(one.id, preset) for one in chosen}
    told = [seconds for seconds in known.values() if seconds is not None]
    usual = max(sum(told) / len(told), 1e-3) if told else 1.0
    return {name: usual if seconds is None else seconds + 1e-3 for name, seconds in known.items()}
