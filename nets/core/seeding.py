"""The one place that makes runs repeatable: threads, deterministic kernels, and the global generators.

Learners draw from generators of their own (:meth:`nets.core.context.Context.generator`) or from keyed signs. The global
generators are what remains (dropout, an initialisation by ``torch.nn.init``): they are seeded alike in all processes before a
stage begins, so that all of them make the same model, and a checkpoint holds their state. What is drawn from them for lanes
depends on how these are shared; keyed draws don't.

Equal runs are equal bit for bit where the number of threads, the version of torch and the type of processor are equal.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import torch


def set_up(threads: int) -> None:
    """Set the threads inside an operation, and let torch refuse what has no deterministic kernel."""
    torch.set_num_threads(threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it; read when CUDA starts
    torch.use_deterministic_algorithms(True)
    # filling what torch.empty gives costs a pass over each buffer, and no result shows it
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def seed_all(seed: int) -> None:
    """Seed the global generators of Python, numpy and torch on all devices.

    >>> seed_all(7)
    >>> first = torch.rand(2, device="cpu")
    >>> seed_all(7)
    >>> bool((torch.rand(2, device="cpu") == first).all())
    True
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the legacy generator is the global one
    torch.manual_seed(seed)


def generators() -> dict[str, Any]:
    """The state of the global generators, as plain lists and tensors."""
    version, words, spare = random.getstate()
    _, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)  # noqa: NPY002
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_initialized() else None
    return {
        "python": [version, list(words), spare], "numpy": [np.asarray(keys).tolist(), position, has_gauss, gauss],
        "torch": torch.get_rng_state(), "cuda": cuda,
    }  # fmt: skip


def restore_generators(state: dict[str, Any]) -> None:
    """Go on from what :func:`generators` gave.

    >>> seed_all(7)
    >>> state = generators()
    >>> first = random.random(), np.random.random(), float(torch.rand((), device="cpu"))
    >>> restore_generators(state)
    >>> first == (random.random(), np.random.random(), float(torch.rand((), device="cpu")))
    True
    """
    version, words, spare = state["python"]
    random.setstate((version, tuple(words), spare))
    keys, *rest = state["numpy"]
    np.random.set_state(("MT19937", np.array(keys, dtype=np.uint32), *rest))  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    if state["cuda"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
