"""Every tensor that nets/ makes says on which device: what runs on the CPU alone would otherwise fail on a GPU."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKERS = frozenset(
    """arange as_tensor asarray empty empty_strided eye full from_numpy kaiser_window linspace logspace normal
    ones rand randint randn randperm range scalar_tensor sparse_coo_tensor sparse_csr_tensor tensor tril_indices triu_indices
    zeros""".split()
)
TYPED = frozenset(
    {"Tensor", "FloatTensor", "DoubleTensor", "LongTensor", "IntTensor", "BoolTensor", "HalfTensor", "BFloat16Tensor"}
)
EXCEPTIONS = {
    "nets/core/data": "arrays on the CPU, from files",
}


def nameless(source: str) -> list[tuple[int, str]]:
    """Lines that make a tensor without naming its device, or hide from this test that they do."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, "import torch as ...") for name in node.names if name.name == "torch" and name.asname]
        elif isinstance(node, ast.ImportFrom) and node.module == "torch":
            found += [(node.lineno, name.name) for name in node.names if name.name in MAKERS or name.name == "*"]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            name = node.func.attr
            if node.func.value.id != "torch" or name not in MAKERS | TYPED:
                continue
            from_tensor = name in ("as_tensor", "asarray", "from_numpy") and _moved(node, source)
            if name in TYPED or not (any(word.arg == "device" for word in node.keywords) or from_tensor):
                found.append((node.lineno, name))
    return found


def _moved(call: ast.Call, source: str) -> bool:
    """Whether what a call gives is moved at once: ``torch.from_numpy(x).to(device)``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "to":
            inner = node.func.value
            if isinstance(inner, ast.Call) and (inner.lineno, inner.col_offset) == (call.lineno, call.col_offset):
                return True
    return False


def test_every_tensor_that_nets_makes_names_its_device():
    files = [path for path in sorted((ROOT / "nets").rglob("*.py")) if "__pycache__" not in path.parts]
    assert len(files) > 20
    found = {}
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if not any(name.startswith(f"{exception}/") or name == exception for exception in EXCEPTIONS):
            found |= {f"{name}:{line}": what for line, what in nameless(path.read_text())}
    assert not found


def test_each_exception_is_there():
    assert all((ROOT / exception).exists() for exception in EXCEPTIONS)


@pytest.mark.parametrize(
    "line",
    [
        "torch.zeros(3)", "torch.zeros(3, dtype=torch.float64)", "torch.arange(5)[None]", "torch.tensor([1.0])", "torch.eye(n)",
        "x = torch.full((2, 2), 1.0) + y", "torch.randn(3, generator=g)", "torch.from_numpy(x)", "torch.as_tensor(x).float()",
        "torch.Tensor(3, 4)", "from torch import zeros", "import torch as t", "torch.empty(3, **options)",
        "torch.LongTensor([3], device=d)",
    ],
)  # fmt: skip
def test_a_tensor_without_a_device_is_found(line):
    assert [number for number, _ in nameless(f"import torch\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "torch.zeros(3, device=x.device)", "torch.zeros_like(x)", "x.new_zeros(3)", "torch.as_tensor(x).to(context.device)",
        "torch.from_numpy(x).to(device)", "torch.Generator().manual_seed(3)", "torch.stack([a, b])", "from torch import nn",
    ],
)  # fmt: skip
def test_one_with_a_device_is_not(line):
    assert nameless(f"import torch\n{line}\n") == []
