"""What truncation doesn't see: gradients of recall, through three steps and by OK(4), beside the exact ones. No training.

String memorisation with strings of eight bits (:mod:`nets.rtrl.copy_task`), random networks with frozen weights. A bit that is
recalled was stored nine steps before; the losses at the positions of recall, differentiated through the last three steps alone
(TBPTT with window 3 and stride 1), say nothing of how it was stored. What they do say, of the newest steps, is most of the
gradient of a random network: the cosine with the exact gradient is well above 0, but below that of OK(4).

Compared are, for each network, cosines of the lanes' gradients of W with the exact ones, averaged over lanes; networks are the
sample, and their differences are tested by Student's t.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING

from proofs_check.advantage import power_of_superiority
from proofs_check.claim import Cell, Claim, Outcome, Setting
from proofs_check.claims.rtrl.exact import OK, OK_SOURCE
from proofs_check.neural import with_torch
from proofs_check.verdict import POWER

if TYPE_CHECKING:
    from torch import Tensor

    from nets.rtrl.cells.base import Cell as Recurrent
    from nets.rtrl.protocol import OnlineGradient
    from nets.rtrl.readout import Readout

LENGTH, UNITS, WINDOW, RANK, LANES = 8, 16, 3, 4, 32
FIRST = 1000  # of the networks' seeds; margins were chosen on 0, ..., 5
SPREAD = 0.04
"""The standard deviation of a difference between networks, from above: 0.031 on the six pilot networks."""


def random_network(seed: int) -> tuple[Recurrent, Readout]:
    """An RNN whose recurrent weights are a random rotation, so that its state lasts, and a readout."""
    import torch

    from nets.rtrl import RNN
    from nets.rtrl.copy_task import SYMBOLS
    from nets.rtrl.readout import Readout

    generator = torch.Generator(device="cpu").manual_seed(seed)
    cell = RNN(SYMBOLS, UNITS, std=UNITS**-0.5, generator=generator, dtype=torch.float64)
    normal = torch.randn(UNITS, UNITS, generator=generator, dtype=torch.float64, device="cpu")
    with torch.no_grad():
        cell.weights[0][SYMBOLS : SYMBOLS + UNITS] = torch.linalg.qr(normal)[0]
    return cell, Readout(UNITS, SYMBOLS, UNITS**-0.5, generator).double()


def recall_gradients(cell: Recurrent, readout: Readout, seed: int, window: int = WINDOW) -> Mapping[str, Tensor]:
    """Each lane's gradient of W, (B, m, p), summed over the losses at the positions of recall.

    Returns
    -------
    mapping
        ``"exact"``, ``"OK"``, and ``"truncated"``: through the last ``window`` steps alone.
    """
    import torch
    from torch.nn import functional

    from nets.rtrl import OK as OKEstimator
    from nets.rtrl import ExactRTRL
    from nets.rtrl.copy_task import SYMBOLS, CopyStream

    estimators: dict[str, OnlineGradient] = {"exact": ExactRTRL(), "OK": OKEstimator(RANK, seed=seed)}
    for estimator in estimators.values():
        estimator.reset(LANES)
    W = cell.weights[0]
    total = {name: W.new_zeros(LANES, *W.shape) for name in (*estimators, "truncated")}
    stream, state, recent = CopyStream(LANES, seed, length=LENGTH), cell.init_state(LANES), list[torch.Tensor]()
    with torch.no_grad():
        for t in range(2 * LENGTH + 2):
            symbols = stream.next()
            inputs, targets = (torch.as_tensor(x, device=W.device) for x in (symbols.inputs, symbols.targets))
            (jac,) = cell.linearize(functional.one_hot(inputs, SYMBOLS).to(W.dtype), state)
            state = jac.state
            for estimator in estimators.values():
                estimator.step(jac)
            fresh = torch.einsum("bm,bnp->bnmp", jac.features, jac.dense_D())
            recent = [*(torch.einsum("bij,bjmp->bimp", jac.H, F) for F in recent), fresh][-window:]
            if t > LENGTH + 1:
                delta = readout.backward(state, targets).delta
                for name, estimator in estimators.items():
                    total[name] += estimator.grad(delta)
                total["truncated"] += torch.einsum("bn,bnmp->bmp", delta, torch.stack(recent).sum(dim=0))
    return total


@with_torch
def decide(setting: Setting) -> Outcome:
    """Whether the mean cosine of OK(4) is above that of TBPTT-3; the mutant swaps the labels."""
    from torch.nn.functional import cosine_similarity

    networks = setting.choose(24, 60)
    cosines: dict[str, list[float]] = {"OK": [], "truncated": []}
    for seed in range(FIRST, FIRST + networks):
        found = recall_gradients(*random_network(seed), seed)
        for name, values in cosines.items():
            values.append(float(cosine_similarity(found[name].flatten(1), found["exact"].flatten(1)).mean()))
    ahead, behind = ("truncated", "OK") if setting.mutant else ("OK", "truncated")
    differences = [a - b for a, b in zip(cosines[ahead], cosines[behind], strict=True)]
    mean, std = statistics.mean(differences), statistics.stdev(differences)
    from scipy.special import stdtrit

    half = float(stdtrit(networks - 1, 1 - setting.error)) * std / math.sqrt(networks)
    power = power_of_superiority(setting.effect / SPREAD, networks, setting.error)
    verdict = "consistent" if mean - half > 0 and power >= POWER else "refuted" if mean + half < 0 else "inconclusive"
    means = {name: statistics.mean(values) for name, values in cosines.items()}
    reason = f"mean cosines {means['OK']:.3f} of OK({RANK}), {means['truncated']:.3f} of TBPTT-{WINDOW}; {networks} networks"
    cells = tuple(Cell(f"{name}, mean cosine with the exact gradient", verdict, None, value) for name, value in means.items())
    return Outcome(verdict, reason, 0.0, mean, (mean - half, mean + half), power, cells=cells)


CLAIMS = (
    Claim(
        "ok-truncation-blind", OK, "At frozen weights the gradient of recall that goes back three steps, where bits were stored "
        "nine steps before, is further from the exact one in direction than a single estimate by OK(4)",
        OK_SOURCE, "the labels of OK(4) and TBPTT-3 are swapped", 0.05, decide,
    ),
)  # fmt: skip
