"""Steps of one lane and their enumeration over all signs, for the tests of the randomised estimators (no tests here).

The lanes of a batch are the sign vectors: a mean over lanes is an expectation without error.
"""

from __future__ import annotations

import itertools

import torch

from nets.rtrl.protocol import StepJacobian


def make_jac(seed, parts=1, k=1, n=3, m=4, lanes=1, block=0):
    draw = torch.Generator().manual_seed(seed)
    N = parts * n

    def normal(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    return StepJacobian(normal(lanes, N), normal(lanes, m), normal(lanes, parts, k, n), normal(lanes, N, N), block)


def repeated(jac, lanes):
    """The step of the first lane in so many."""
    return StepJacobian(*(t[:1].expand(lanes, *t.shape[1:]) for t in (jac.state, jac.features, jac.d, jac.H)), jac.block)


def influence(jac, before):
    """H G + h^ (x) D by dense algebra, for the first lane."""
    D = torch.block_diag  # of one part and gate: diagonal matrices side by side
    parts, k, _ = jac.d.shape[1:]
    dense = torch.cat([torch.cat([D(*jac.d[0, i, g]) for g in range(k)], dim=1) for i in range(parts)])
    return torch.einsum("ac,cmp->amp", jac.H[0], before) + jac.features[0][None, :, None] * dense[:, None]


def all_signs(count):
    return torch.tensor(list(itertools.product((-1.0, 1.0), repeat=count)), dtype=torch.float64)


def fill(estimator, jac, seed=9, same=False):
    """Put a random G~, equal in all lanes, into an estimator that has taken no step."""
    draw = torch.Generator().manual_seed(seed)
    estimator.begin(jac)
    for name in estimator.fields:
        tensor = getattr(estimator, name)
        shape = [size if axis != estimator.lane_axis else 1 for axis, size in enumerate(tensor.shape)]
        if same:
            shape[0] = 1
        tensor.copy_(torch.randn(shape, generator=draw, dtype=torch.float64))


def enumerate_step(estimator, jac, count, prepare=fill):
    """All outcomes of one step, the target, and what the estimator says of its noise."""
    wide = repeated(jac, 2**count)
    estimator.reset(2**count)
    prepare(estimator, wide)
    target = influence(jac, estimator.dense()[0])

    def signs(asked):
        assert asked == count
        return all_signs(count)

    estimator.signs = signs
    estimator.step(wide)
    return estimator.dense(), target


def steps_of(cell, T, lanes=1, seed=2):
    x = torch.randn(T, cell.n_in, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    s = cell.init_state(1)
    for row in x:
        jacs = cell.linearize(row[None], s)
        s = jacs[-1].state
        yield [repeated(jac, lanes) for jac in jacs]
