"""What a stage may use of the machine that it runs on: device, processes, lanes of its own, reduction of gradients, randomness.

Data parallelism: a global batch of B lanes is shared between W processes, each gets B/W neighbouring ones. Whatever is random is
keyed by global lane numbers, and gradients are averaged by :meth:`Context.reduce_gradients` whoever made them (autograd, an
online estimator, an evolution strategy), so that the weights after an update don't depend on W beyond rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from nets.core.keyed import key_of
from theory.errors import InputError

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Context:
    """See the head of this file.

    Attributes
    ----------
    fabric : Fabric
        Launched already.
    seed : int
    data_root : Path or None
        The folder of real data sets that the user named.
    earlier : callable
        ``earlier(stage) -> nn.Module``: the finished model of an earlier stage.
    facts : dict
        What a learner wants to have stored beside the run (``context.facts["data"] = {...hash...}``,
        ``context.facts["vocabulary"] = "abc"``): plain JSON, written to the run's folder by the process of rank 0.
    """

    fabric: Fabric
    seed: int
    data_root: Path | None = None
    earlier: Callable[[str], nn.Module] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def device(self) -> torch.device:
        """Where tensors are to be made."""
        return self.fabric.device

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return self.fabric.global_rank

    @property
    def processes(self) -> int:
        """How many share the work."""
        return self.fabric.world_size

    def lanes(self, batch: int) -> range:
        """The global numbers of this process's lanes of a global batch.

        Raises
        ------
        InputError
            If the lanes can't be shared equally.
        """
        if batch % self.processes:
            raise InputError(f"batch: {batch} lanes can't be shared equally by {self.processes} processes; give a multiple")
        share = batch // self.processes
        return range(self.rank * share, (self.rank + 1) * share)

    def generator(self, *name: Any) -> torch.Generator:
        """A generator on the CPU, keyed by the seed and a name: what one learner draws doesn't depend on what others do."""
        return torch.Generator().manual_seed(key_of(self.seed, *name))

    def reduce_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Average ``.grad`` over processes, in place; each process's is the mean over its own lanes. Nothing for one process."""
        if self.processes == 1:
            return
        grads = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in grads])
        torch.distributed.all_reduce(flat)
        flat /= self.processes
        for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def mean(self, values: Mapping[str, float] | Tensor) -> Any:
        """The mean over processes: of a tensor, or of each number of a mapping."""
        if self.processes == 1:
            return values
        if isinstance(values, Tensor):
            values = values.clone()
            torch.distributed.all_reduce(values)
            return values / self.processes
        flat = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        return dict(zip(values, self.mean(flat).tolist(), strict=True))
