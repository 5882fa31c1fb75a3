"""Where a run is done: Lightning Fabric finds the device, starts the processes and names the number format.

There is one path for one process and for many. Models are not wrapped: gradients, whoever made them, are averaged by
:meth:`nets.core.context.Context.reduce_gradients`, which a data-parallel wrapper couldn't do for those written by hand. With
several processes Fabric runs the same command line again for each further one (with ``LOCAL_RANK`` set), or takes those that a
launcher (torchrun, SLURM) has started; on the CPU they talk by gloo, on GPUs by NCCL. With one process nothing is started.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from nets.core import seeding
from nets.core.context import Context
from theory.errors import InputError

if TYPE_CHECKING:
    from nets.core.config import Config, Hardware

# the precisions of nets.core.config
_DTYPES = {"32-true": torch.float32, "64-true": torch.float64, "bf16-true": torch.bfloat16, "bf16-mixed": torch.float32}


def is_first() -> bool:
    """Whether this is the process that a user sees, known before the others are started: it alone writes and prints."""
    return os.environ.get("LOCAL_RANK", "0") == "0" and os.environ.get("NODE_RANK", os.environ.get("RANK", "0")) == "0"


def context(config: Config, hardware: Hardware, data_root: Path | None = None) -> Context:
    """Start the processes and make what a stage may use of them.

    Parameters
    ----------
    config : Config
        Its ``seed``, ``threads`` and ``precision`` are read.
    hardware : Hardware
        ``device`` (``"cpu"``, ``"cuda"``, ``"mps"``, or ``"auto"``: what there is), ``devices`` a machine, ``nodes``.
    data_root : Path, optional
        The folder of real data sets.

    Raises
    ------
    InputError
        If there aren't as many CUDA devices.
    """
    device = hardware.device
    if device == "cuda" and torch.cuda.device_count() < hardware.devices:
        found = torch.cuda.device_count()
        raise InputError(f"devices: {hardware.devices} CUDA devices are asked for and {found} found; try --device cpu")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    from lightning_fabric import Fabric  # over a second; what only looks at a run does without

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # no banner for each process
    several = hardware.devices * hardware.nodes > 1
    fabric = Fabric(
        accelerator=device, devices=hardware.devices, num_nodes=hardware.nodes, strategy="ddp" if several else "auto",
        precision=config.precision,
    )  # fmt: skip
    fabric.launch()
    seeding.set_up(config.threads)  # after the launch, which sets threads as well
    return Context(fabric, config.seed, data_root)


@contextmanager
def default_dtype(precision: str) -> Iterator[None]:
    """Make new floating-point tensors in the type that a precision means.

    >>> with default_dtype("64-true"):
    ...     print(torch.zeros((), device="cpu").dtype)
    torch.float64
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(_DTYPES[precision])
    try:
        yield
    finally:
        torch.set_default_dtype(before)
