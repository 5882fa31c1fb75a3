"""What the estimators of the influence matrix hold in memory, measured and by formula: ``python -m nets.rtrl.memory --out FILE``.

Numbers for each lane (notation: :mod:`nets.rtrl.protocol`; r products or copies). The formulas are those of Mujika, Meier, Steger
2018 (KF-RTRL, UORO, exact RTRL), Benzing et al. 2019 (OK) and Menick et al. 2021 (SnAp-1), with the lower orders:

    exact RTRL      N m p              UORO        N + m p           SnAp-1    (N/n) m p
    KF-RTRL, OK     r (m + N p)        KTP         m + r (N + p)     RFLO      m n
    Reverse KF      p + N m

Two things are measured: ``held``, what an estimator keeps from step to step (its ``memory_floats``, which the formulas are for),
and ``peak``, the most that all tensors made by the estimator took at any moment of a step: with spare room for the next state (of
OK: for one lane of two, or for both where they are small) and whatever is made on the way, without H, D, what linear algebra
libraries take inside, and the signs, which are drawn for many steps at once (half a mebibyte in all, however many lanes and
units there are).
"""

from __future__ import annotations

import argparse
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nets import rtrl
from theory.files import whole

Formula = Callable[[int, int, int, int], int]  # of n, N, m, p

RANK = 8
ESTIMATORS: dict[str, tuple[Callable[[], Any], Formula]] = {
    "exact RTRL": (rtrl.ExactRTRL, lambda n, N, m, p: N * m * p),
    f"OK({RANK})": (lambda: rtrl.OK(RANK), lambda n, N, m, p: RANK * (m + N * p)),
    f"KF-RTRL, {RANK} copies": (lambda: rtrl.KFRTRL(copies=RANK), lambda n, N, m, p: RANK * (m + N * p)),
    "KF-RTRL": (rtrl.KFRTRL, lambda n, N, m, p: m + N * p),
    "Reverse KF": (rtrl.ReverseKF, lambda n, N, m, p: p + N * m),
    "UORO": (rtrl.UORO, lambda n, N, m, p: N + m * p),
    "SnAp-1": (rtrl.SnAp, lambda n, N, m, p: N // n * m * p),
    f"KTP({RANK})": (lambda: rtrl.KTP(RANK), lambda n, N, m, p: m + RANK * (N + p)),
}


@dataclass(frozen=True)
class Memory:
    """Of one estimator on one cell, in numbers for each lane.

    Attributes
    ----------
    name : str
    n : int
    formula, held : int
    peak : float
    """

    name: str
    n: int
    formula: int
    held: int
    peak: float


class Peak(TorchDispatchMode):
    """The most bytes that tensors made inside took at one moment.

    Examples
    --------
    >>> with Peak() as peak:
    ...     a = torch.zeros(1000, device="cpu")
    ...     for _ in range(5):
    ...         b = a + 1  # the old one is there until the new one is made
    ...         view = b[:10]
    >>> peak.bytes
    12000
    """

    def __init__(self) -> None:
        super().__init__()
        self.bytes = self._now = 0
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = [x.untyped_storage() for x in tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)]
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage not in self._seen and all(storage is not other for other in given):
                    self._seen.add(storage)
                    size = storage.nbytes()
                    weakref.finalize(storage, self._free, size)
                    self._now += size
        self.bytes = max(self.bytes, self._now)
        return result

    def _free(self, size: int) -> None:
        self._now -= size


def measure(make: Callable[[], Any], formula: Formula, name: str, cell: Any, batch: int = 2, steps: int = 3) -> Memory:
    """Take an estimator through some steps of a cell with one weight matrix."""
    estimator = make()
    x = torch.ones(batch, cell.n_in, device="cpu")
    delta = torch.ones(batch, cell.state_dim, device="cpu")
    s = cell.init_state(batch)
    jacs = []
    for _ in range(steps):
        jacs += cell.linearize(x, s)
        s = jacs[-1].state
    estimator.reset(batch)
    draws = torch.Generator().manual_seed(0)
    signs = torch.randint(2, (batch, 4 * cell.state_dim + 4 * RANK), generator=draws, device="cpu").to(s) * 2 - 1
    estimator.signs = lambda count: signs[:, :count]
    with Peak() as peak:
        for jac in jacs:
            estimator.step(jac)
            estimator.grad_sum(delta)
    _, N, m, p = jacs[0].shape
    size = peak.bytes / (batch * s.element_size())
    return Memory(name, cell.n, formula(cell.n, N, m, p), estimator.memory_floats(), size)


def table(sizes: Sequence[int], n_in: int = 4) -> list[Memory]:
    """All estimators on the RHN of depth 1.

    Parameters
    ----------
    sizes : sequence of int
        Values of n.
    n_in : int
        Inputs.

    Examples
    --------
    >>> rows = table([8])
    >>> all(row.held == row.formula <= row.peak for row in rows)
    True
    """
    rows = []
    for n in sizes:
        cell = rtrl.RHN(n_in, n, generator=torch.Generator().manual_seed(0))
        rows += [measure(make, formula, name, cell) for name, (make, formula) in ESTIMATORS.items()]
    return rows


def draw(rows: Sequence[Memory], path: Path) -> None:
    """Draw what is held (points) on the formulas (lines), and the peak of a step (triangles), against n, into an SVG file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    for number, name in enumerate(dict.fromkeys(row.name for row in rows)):
        own = [row for row in rows if row.name == name]
        colour, n = f"C{number}", [row.n for row in own]
        axes.plot(n, [row.formula for row in own], color=colour, linewidth=1)
        axes.plot(n, [row.held for row in own], "o", color=colour, markersize=4, label=name)
        axes.plot(n, [row.peak for row in own], "^", color=colour, markersize=4, alpha=0.5)
    axes.set(xscale="log", yscale="log", xlabel="units n", ylabel="numbers a lane", title="RHN, 4 inputs")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize="small", title="line: formula\n● held between steps\n▲ peak of a step")
    with rc_context({"svg.hashsalt": "driftproof", "svg.fonttype": "none"}), whole(path) as file:
        figure.savefig(file, format="svg", metadata={"Date": None})


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and draw it."""
    parser = argparse.ArgumentParser(prog="python -m nets.rtrl.memory", description="memory of the estimators against n")
    parser.add_argument("--sizes", default="8,16,32,64,128", help="values of n (default 8,16,32,64,128)")
    parser.add_argument("--out", help="draw them into this SVG file")
    given = parser.parse_args(arguments)
    sizes = []
    for text in given.sizes.split(","):
        if not text.strip().isdecimal() or not int(text):
            parser.error(f"sizes: {text!r} in {given.sizes!r} is no number of units; write them like 8,16,32")
        sizes.append(int(text))
    rows = table(sizes)
    print(f"{'estimator':20} {'n':>5} {'formula':>12} {'held':>12} {'peak':>12}")
    for row in rows:
        print(f"{row.name:20} {row.n:5} {row.formula:12,} {row.held:12,} {row.peak:12,.0f}")
    if given.out:
        draw(rows, Path(given.out))


if __name__ == "__main__":
    main()
