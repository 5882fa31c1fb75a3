"""Memory of the estimators: what they hold is what the formulas say, and the measured peak is that of the tensors made."""

from __future__ import annotations

import pytest
import torch

from nets import rtrl
from nets.rtrl.memory import ESTIMATORS, RANK, Peak, main, measure, table

torch.set_num_threads(1)
CELLS = [
    lambda n: rtrl.RNN(3, n, std=0.3), lambda n: rtrl.RHN(3, n, std=0.3), lambda n: rtrl.LSTM(3, n, std=0.3),
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=["rnn", "rhn", "lstm"])
@pytest.mark.parametrize("n", [3, 7])
def test_what_is_held_is_the_formula(cell, n):
    for name, (make, formula) in ESTIMATORS.items():
        made = cell(n)
        if made.state_dim == n or not name.startswith("KTP"):  # which isn't for the LSTM
            found = measure(make, formula, name, made)
            assert found.held == found.formula <= found.peak, name


def test_what_is_held_is_what_lies_in_the_tensors_that_a_checkpoint_keeps():
    for n in (3, 8):
        for name, (make, formula) in ESTIMATORS.items():
            cell = rtrl.RHN(3, n)
            estimator = make()
            estimator.reset(5)
            estimator.step(*cell.linearize(torch.zeros(5, 3), cell.init_state(5)))
            kept = {k: v for k, v in estimator.state_dict().items() if isinstance(v, torch.Tensor) and k != "lanes"}
            assert sum(tensor.numel() for tensor in kept.values()) == 5 * formula(n, n, n + 4, 2 * n), name


def test_orders_of_growth():
    """From n to 2 n: eightfold for exact RTRL, fourfold for OK, KF, UORO and SnAp-1, twofold for KTP, up to lower orders."""
    small, large = ({row.name: row for row in table([n])} for n in (64, 128))
    growth = {name: large[name].held / small[name].held for name in small}
    assert growth.pop("exact RTRL") == pytest.approx(8, rel=0.05) and growth.pop(f"KTP({RANK})") == pytest.approx(2, rel=0.05)
    assert all(factor == pytest.approx(4, rel=0.06) for factor in growth.values())
    for name in ("exact RTRL", f"KF-RTRL, {RANK} copies"):  # the state, room for the next one, and little more
        assert 2 <= large[name].peak / large[name].held < 2.3


def test_ok_needs_room_for_one_more_lane_where_a_lane_is_large():
    cell = rtrl.RHN(4, 128)
    held, peak = (
        [getattr(measure(lambda: rtrl.OK(RANK), lambda n, N, m, p: 0, "OK", cell, batch=B), what) for B in (2, 8)]
        for what in ("held", "peak")
    )
    assert 1.5 <= peak[0] / held[0] < 1.65 and 1.125 <= peak[1] / held[1] < 1.25


def test_peak_counts_what_is_alive_at_once_and_no_views():
    with Peak() as peak:
        a = torch.zeros(100, dtype=torch.float64)
        assert peak.bytes == 800
        a.view(10, 10).T.add_(1)
        assert peak.bytes == 800
        b = a * 2
        assert peak.bytes == 1600
        del a
        a = b * 2
        assert peak.bytes == 1600
        c = torch.cat((a, b))
        assert peak.bytes == 3200 and len(c) == 200


def test_the_command_prints_and_draws(tmp_path, capsys):
    main(["--sizes", "4,8", "--out", str(tmp_path / "memory.svg")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 2 * len(ESTIMATORS)
    drawn = (tmp_path / "memory.svg").read_text()
    assert all(name in drawn for name in ESTIMATORS)
    with pytest.raises(SystemExit):
        main(["--sizes", "4,x"])
    assert "sizes: 'x' in '4,x'" in capsys.readouterr().err
