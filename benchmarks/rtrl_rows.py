"""nets.rtrl: a step of an estimator against the matrix product that it is made of, and the cells against torch's own by TBPTT.

A *step* is linearise, update, gradient: what an online update does beside readout and optimiser. One thread of torch, processor
time, pairs in alternating order; weights from N(0, 1/n), four inputs, states that move on.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from measure import Result

INPUTS, WINDOW = 4, 25
Call = Callable[[], Any]


@contextmanager
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Pair:
    """Medians of two calls' processor seconds, and of second over first."""

    first: float
    second: float
    ratio: float
    low: float
    high: float

    def text(self, names: tuple[str, str]) -> str:
        times = ", ".join(f"{name} {1e3 * s:.3g} ms" for name, s in zip(names, (self.first, self.second)))
        return f"{self.ratio:.2f} ({self.low:.2f}-{self.high:.2f}); {times}"


def seconds(call: Call, calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - begin) / calls


def pair(first: Call, second: Call, budget: float, pairs: int = 15) -> Pair:
    """At least three pairs, about ``budget`` seconds in all; each side is called often enough to last a few milliseconds."""
    each = []
    for call in (first, second):
        seconds(call, 2)  # warm-up
        each.append(max(seconds(call, 1), 1e-6))
    counts = [max(1, int(budget / (2 * pairs) / s)) for s in each]
    pairs = max(3, min(pairs, int(budget / sum(each))))
    found = []
    for i in range(pairs):
        order = (0, 1) if i % 2 else (1, 0)
        both = [0.0, 0.0]
        for side in order:
            both[side] = seconds((first, second)[side], counts[side])
        found.append(both)
    ratios = [b / a for a, b in found]
    a, b = (statistics.median(side) for side in zip(*found))
    return Pair(a, b, statistics.median(ratios), min(ratios), max(ratios))


def made(kind: str, n: int, n_in: int = INPUTS) -> Any:
    """A cell of nets.rtrl."""
    import torch

    from nets import rtrl

    return getattr(rtrl, kind)(n_in, n, std=n**-0.5, generator=torch.Generator().manual_seed(0))


def step(cell: Any, make: Callable[[], Any], batch: int) -> Call:
    """One step of an estimator on that cell, with all that it needs from the cell."""
    import torch

    from nets.rtrl import Influence

    draws = torch.Generator().manual_seed(1)
    xs = itertools.cycle(torch.randn(8, batch, cell.n_in, generator=draws))
    delta = torch.randn(batch, cell.state_dim, generator=draws)
    influence = Influence(cell, lambda block: make())
    influence.reset(batch)
    state = [cell.init_state(batch)]

    def call() -> None:
        jacs = cell.linearize(next(xs), state[0])
        influence.step(jacs)
        state[0] = jacs[-1].state
        influence.grads(delta)

    return call


def product(cell: Any, batch: int, columns: int) -> Call:
    """torch.bmm(H, A) with A of so many columns, in room that is there already."""
    import torch

    N = cell.state_dim
    H, A, out = torch.randn(batch, N, N), torch.randn(batch, N, columns), torch.empty(batch, N, columns)
    return lambda: torch.bmm(H, A, out=out)


def result(row: str, what: str, limit: float | None, of: str, found: Pair, names: tuple[str, str]) -> Result:
    target = "none" if limit is None else f"<= {limit:g} of {of}"
    return Result(row, what, target, found.text(names), None if limit is None else found.ratio <= limit, vars(found))


def rtrl_steps(quick: bool) -> list[Result]:
    """KF against its product, OK against KF, exact RTRL against its product and OK against exact RTRL."""
    from nets.rtrl import KFRTRL, OK, ExactRTRL

    budget, results = 0.3 if quick else 2.0, []
    with one_thread():
        for kind in ("RNN", "RHN"):
            cell = made(kind, 256)
            found = pair(product(cell, 16, cell.gates * 256), step(cell, KFRTRL, 16), budget)
            results.append(result("rtrl_steps", f"KF step, {kind}, n = 256, batch 16", 1.5, "bmm(H, A)", found, ("bmm", "step")))
        for n, rank in itertools.product((64, 128, 256), (4, 8)):
            cell = made("RHN", n)
            kf = step(cell, KFRTRL, 16)
            found = pair(lambda: [kf() for _ in range(rank + 1)], step(cell, lambda: OK(rank), 16), budget)
            what = f"OK({rank}) step, RHN, n = {n}, batch 16"
            results.append(result("rtrl_steps", what, 1.1, f"{rank + 1} KF steps", found, ("KF steps", "OK")))
        for kind in ("RNN", "RHN"):
            cell = made(kind, 256)
            exact = step(cell, ExactRTRL, 1)
            columns = cell.weights[0].numel()
            found = pair(product(cell, 1, columns), exact, budget)
            what = f"exact RTRL step, {kind}, n = 256, batch 1"
            results.append(result("rtrl_steps", what, 1.5, "bmm(H, G)", found, ("bmm", "step")))
            found = pair(exact, step(cell, lambda: OK(8), 1), budget)
            factors = f"{1 / found.ratio:.0f} ({1 / found.high:.0f}-{1 / found.low:.0f})"
            text = f"{factors} times faster; OK(8) {1e3 * found.second:.3g} ms"
            what = f"OK(8) step against exact RTRL, {kind}, n = 256, batch 1"
            results.append(Result("rtrl_steps", what, ">= 20 times faster", text, found.ratio <= 1 / 20, vars(found)))
    return results


def rtrl_growth(quick: bool) -> list[Result]:
    """Exact RTRL over OK(8) as n grows, and OK(8) over the mean of eight KF copies."""
    from nets.rtrl import KFRTRL, OK, ExactRTRL

    budget, results, growth = 0.3 if quick else 2.0, [], {}
    with one_thread():
        for n in (64, 256):
            cell = made("RHN", n)
            growth[n] = 1 / pair(step(cell, ExactRTRL, 1), step(cell, lambda: OK(8), 1), budget).ratio
        text = f"{growth[256] / growth[64]:.1f} times: {growth[64]:.2g} at n = 64, {growth[256]:.3g} at n = 256"
        what = "exact RTRL over OK(8), RHN, batch 1: how much the quotient rises from n = 64 to 256"
        results.append(Result("rtrl_growth", what, ">= 5 times", text, growth[256] >= 5 * growth[64], {"quotients": growth}))
        for n, batch in itertools.product((64, 128, 256), (1, 16)):
            cell = made("RHN", n)
            found = pair(step(cell, lambda: KFRTRL(copies=8), batch), step(cell, lambda: OK(8), batch), budget)
            what = f"OK(8) step, RHN, n = {n}, batch {batch}"
            results.append(result("rtrl_growth", what, 3, "a mean of 8 KF copies", found, ("KF", "OK")))
    return results


def rtrl_cheap(quick: bool) -> list[Result]:
    """The methods of O(n^2) against TBPTT over one step, beside their operations: those of matrices of m p or N p entries."""
    import torch

    from nets.rtrl import UORO, SnAp

    results = []
    with one_thread():
        for n, batch in ((32, 16), (128, 16), (256, 16)):
            cell = made("RHN", n)
            W = cell.weights[0]
            x, s = torch.randn(batch, INPUTS), torch.randn(batch, cell.state_dim)
            delta = torch.randn(batch, cell.state_dim)

            def tbptt() -> Any:
                return torch.autograd.grad(cell(x, s), W, delta)

            m, p = W.shape
            N = cell.state_dim
            forward = 2 * m * p
            counts = {
                "TBPTT-1": forward + 2 * m * p,  # z; h^ dz^T
                "UORO": forward + 2 * N * p + 2 * N * N + 7 * m * p,  # z, H; H s; |w|, w rho, + h^ v^T (3); delta s w
                "SnAp-1": forward + 2 * N * p + 5 * m * p,  # z, H; J H, + h^ d (2); J delta
            }
            for name, make in (("UORO", UORO), ("SnAp-1", SnAp)):
                found = pair(tbptt, step(cell, make, batch), 0.3 if quick else 2.0)
                more = counts[name] / counts["TBPTT-1"]
                operations = f"operations a lane {counts['TBPTT-1']:,} and {counts[name]:,} ({more:.1f} times)"
                text = f"{found.text(('TBPTT-1', name))}; {operations}"
                what = f"{name} step against TBPTT-1, RHN, n = {n}, batch {batch}"
                results.append(Result("rtrl_cheap", what, "none", text, None, {**vars(found), "operations": counts}))
    return results


def rtrl_windows(quick: bool) -> list[Result]:
    """Forward and backward of a window of 25 steps: the cells that the estimators linearise against torch.nn."""
    import torch

    cases = [("LSTM", 128, 16, 1.9), ("LSTM", 256, 32, 1.5), ("LSTM", 512, 32, 1.5), ("LSTM", 256, 64, 1.5)]
    cases += [("RNN", 128, 16, 1.1), ("RNN", 256, 32, 1.1), ("RNN", 512, 32, 1.1)]
    results = []
    with one_thread():
        for kind, n, batch, limit in cases:
            n_in = 64
            cell, peer = made(kind, n, n_in), getattr(torch.nn, kind)(n_in, n)
            x, weight = torch.randn(WINDOW, batch, n_in), torch.randn(WINDOW, batch, n)
            ours_x, ours_weight = x.transpose(0, 1).contiguous(), weight.transpose(0, 1).contiguous()
            s = cell.init_state(batch)

            def theirs() -> None:
                peer.zero_grad()
                torch.autograd.backward(peer(x)[0], weight)

            def ours() -> None:
                cell.zero_grad()
                torch.autograd.backward(cell.unroll(ours_x, s)[:, :, cell.readout], ours_weight)

            found = pair(theirs, ours, 0.5 if quick else 2.0)
            what = f"{kind} cell, {WINDOW} steps forward and back, n = {n}, batch {batch}, {n_in} inputs"
            results.append(result("rtrl_windows", what, limit, f"torch.nn.{kind}", found, ("torch.nn", "ours")))
    return results
