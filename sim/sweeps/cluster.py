"""The cells of a sweep on the machines of a dask cluster: only the place where they are run differs from one machine.

What a worker sends back is the content of the cell's file; it is written by the process that sweeps, so that machines need no
common file system. A worker that dies in mid-cell is dask's to replace: the cell is run again elsewhere, and since its result
depends on its description alone, the table is the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from typing import Any

from sim.sweeps.cell import Cell, Outcome, attempt, facts, one_line
from theory.errors import InputError


def check_client(client: Any) -> None:
    """Refuse what isn't a client of dask.distributed.

    Raises
    ------
    InputError
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError("client: needs dask.distributed; install driftproof[cluster]") from None
    if not isinstance(client, Client) or client.asynchronous:
        raise InputError(f"client: {client!r:.60} must be a (synchronous) dask.distributed Client")
    if client.status != "running":
        raise InputError(f"client: is {client.status}; connect it to a running scheduler")


def lanes(client: Any) -> int:
    """How many cells the workers run at a time, at least 1 (they may still be waiting for their machines)."""
    return max(1, sum(client.nthreads().values())) if client.status == "running" else 1


def outcomes(client: Any, cells: Mapping[str, Cell], threads: int) -> Generator[tuple[str, Outcome], None, None]:
    """Run cells on the workers; (key, outcome) in the order in which they end."""
    from distributed import as_completed

    token = uuid.uuid4().hex[:8]  # a sweep that is started again doesn't meet the results of the last one
    futures = {}
    for number, (key, cell) in enumerate(cells.items()):  # priority: in the order given
        future = client.submit(attempt, cell, threads, key=f"cell-{key}-{token}", priority=-number, pure=False)
        futures[future] = key
    try:
        for future in as_completed(list(futures)):
            yield futures.pop(future), _outcome(future)
    finally:  # Ctrl-C, a full disk
        if client.status == "running":
            client.cancel(list(futures))


def _outcome(future: Any) -> Outcome:
    if future.status == "finished":
        return future.result()
    if future.status == "error":  # not the cell's own failure, which is an outcome, but of what carries it
        error = future.exception()
        lost = type(error).__name__ == "KilledWorker"
        reason = "the workers that ran it died, one after the other (out of memory?)" if lost else one_line(error)
        return Outcome(None, reason, 0.0, facts())
    raise InputError("client: the scheduler is gone; what is finished is kept, start again with a new client")
