"""Is a cell in the class for which these estimators hold? Its Jacobians, taken by differentiation, decide it."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from nets.core.shapes import checked
from theory.errors import InputError


def check_cell(cell: Any, seed: int = 0, tolerance: float | None = None) -> None:
    """Compare what a cell's ``linearize`` says with its ``forward``, at a random input and state.

    The Jacobians of the whole step are taken by ``torch.func``: this takes N passes, meant for a cell of a few units before the
    same code is used with many.

    Parameters
    ----------
    cell : KroneckerCell
        Also any module with ``forward(x, s)``, ``n_in``, ``state_dim`` and ``weights``: the error says what is missing.
    seed : int
        Of input and state, of which two lanes are drawn from N(0, 1).
    tolerance : float, optional
        Largest allowed difference, relative to the largest entry; default: the square root of the rounding unit.

    Raises
    ------
    NotImplementedError
        If a weight's immediate Jacobian ds/dW isn't h^ (x) D: the cell is outside the class.
    InputError
        If a shape is wrong; if state or H differ, which is a mistake in ``linearize``; if the step depends on parameters other
        than ``weights``, which no estimator would give a gradient.

    Examples
    --------
    >>> from nets.rtrl.cells.rnn import RNN
    >>> check_cell(RNN(2, 3, generator=torch.Generator().manual_seed(0)))
    """
    for name in ("n_in", "state_dim", "weights", "init_state", "linearize"):
        if not hasattr(cell, name):
            raise InputError(f"cell: {type(cell).__name__} has no '{name}'; see nets.rtrl.protocol.KroneckerCell")
    dtype = cell.weights[0].dtype
    tolerance = torch.finfo(dtype).eps ** 0.5 if tolerance is None else tolerance
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, cell.n_in, generator=generator, device="cpu").to(cell.weights[0])
    s = torch.randn(2, cell.state_dim, generator=generator, device="cpu").to(cell.weights[0])
    named = {name: W.detach() for name, W in cell.named_parameters()}
    names = {id(W): name for name, W in cell.named_parameters()}
    jacs = cell.linearize(x, s)
    if not isinstance(jacs, tuple | list):
        raise InputError(f"cell: linearize gives a {type(jacs).__name__}; give a tuple with one StepJacobian a micro-step")
    for jac in jacs:
        step_jacobian(jac.d, jac.state, jac.features, jac.H, cell.weights[jac.block])

    def differs(found: Tensor, true: Tensor) -> bool:
        return found.shape != true.shape or bool((found - true).abs().max() > tolerance * (1 + true.abs().max()))

    def step(W: dict[str, Tensor], s: Tensor, lane: int) -> Tensor:
        return torch.func.functional_call(cell, {**named, **W}, (x[lane : lane + 1], s[None]))[0]

    new = cell(x, s)
    own = {id(W) for W in cell.weights}
    others = {name: p for name, p in cell.named_parameters() if id(p) not in own and p.requires_grad}
    if others and new.requires_grad:
        reached = torch.autograd.grad(new.sum(), list(others.values()), allow_unused=True)
        for name, gradient in zip(others, reached, strict=True):
            if gradient is not None:
                raise InputError(f"cell: its step depends on {name}, which isn't one of its weights and would get no gradient")
    new = new.detach()
    if differs(jacs[-1].state, new):
        raise InputError("cell: the state of linearize isn't that of forward; give the same step in both")
    for lane in range(2):
        total = torch.eye(cell.state_dim, device=s.device, dtype=dtype)
        for jac in reversed(jacs):
            W = cell.weights[jac.block]
            name = names[id(W)]
            true = torch.func.jacrev(lambda value: step({name: value}, s[lane], lane))(named[name])
            found = torch.einsum("ab,bq,i->aiq", total, jac.dense_D()[lane], jac.features[lane])
            mask = cell.mask(jac.block) if hasattr(cell, "mask") else None
            if differs(found if mask is None else found * mask, true):
                raise NotImplementedError(
                    f"cell: ds/dW of weight matrix {jac.block} of {type(cell).__name__} isn't the Kronecker product h^ (x) D "
                    "that its linearize gives; the new state must depend on W through z = h^ W only, and unit by unit"
                )
            total = total @ jac.H[lane]
        if differs(total, torch.func.jacrev(lambda value: step({}, value, lane))(s[lane])):
            raise InputError("cell: H of linearize isn't ds_t/ds_{t-1} of forward; the derivative or the direct part is wrong")


@checked
def step_jacobian(
    d: Float[Tensor, "B parts k n"], state: Float[Tensor, "B parts*n"], features: Float[Tensor, "B m"],
    H: Float[Tensor, "B parts*n parts*n"], weight: Float[Tensor, "m k*n"],
) -> None:  # fmt: skip
    """Do the parts of a linearised micro-step, and its weight matrix, fit each other? Their shapes say all."""
