"""A referee of nets.rtrl in plain numpy: steps, estimators and the least possible noise written again from their definitions.

Nothing of nets is used for what is expected: the influence matrix is the complex-step derivative of a literal forward pass (no
Jacobian is written down), the estimators' steps are literal sums over dense arrays, and the least noise of an unbiased estimate
of rank r is the minimum of sum d_i^2 / theta_i over 0 <= theta_i <= 1 with sum theta_i = r, found by bisection instead of a plan
of what to mix. Axes: G[a, i, q] = ds_a / dW[i, q], and (u (x) A)[a, i, q] = u_i A[a, q].
"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
import torch

from nets.core.data.entropy import conditional_entropy
from nets.core.data.ngram import train_ngram
from nets.rtrl.cells import GRU, LSTM, RHN, RNN, LeakyRNN, Stacked
from nets.rtrl.copy_task import CopyStream
from nets.rtrl.estimators.exact import ExactRTRL
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.ok import OK
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.rflo import RFLO
from nets.rtrl.estimators.snap import SnAp
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.influence import Influence
from nets.rtrl.protocol import StepJacobian

torch.set_num_threads(1)

# -- forward passes, literally ---------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rnn(x, s, weights):
    return np.tanh(np.concatenate([x, s, [1]]) @ weights[0])


def leaky(x, s, weights, alpha=0.3):
    return (1 - alpha) * s + alpha * np.tanh(np.concatenate([x, s, [1]]) @ weights[0])


def rhn(x, s, weights):
    n = len(s)
    for layer, W in enumerate(weights):
        z = np.concatenate([x, s, [1]] if layer == 0 else [s, [1]]) @ W
        candidate, carry = 2 * sigmoid(z[:n]) - 1, sigmoid(z[n:])
        s = carry * s + (1 - carry) * candidate
    return s


def lstm(x, s, weights):
    n = len(s) // 2
    c, h = s[:n], s[n:]
    z = np.concatenate([x, h, [1]]) @ weights[0]
    i, f, g, o = sigmoid(z[:n]), sigmoid(z[n : 2 * n]), np.tanh(z[2 * n : 3 * n]), sigmoid(z[3 * n :])
    c = f * c + i * g
    return np.concatenate([c, o * np.tanh(c)])


def two_layers(x, s, weights):
    n = len(s) // 2
    low = rnn(x, s[:n], weights[:1])
    return np.concatenate([low, rhn(low, s[n:], weights[1:])])


def influence_of(forward, inputs, N, weights):
    """d s_T / d W for each W by complex steps: exact to rounding, without any formula for a derivative."""
    found = []
    for block, W in enumerate(weights):
        G = np.zeros((N, *W.shape))
        for index in np.ndindex(*W.shape):
            moved = [V.astype(complex) for V in weights]
            moved[block][index] += 1e-30j
            s = np.zeros(N, dtype=complex)
            for x in inputs:
                s = forward(x, s, moved)
            G[(slice(None), *index)] = s.imag / 1e-30
        found.append(G)
    return found


def generator(seed):
    return torch.Generator().manual_seed(seed)


def of(kind, seed=0, **options):
    return kind(2, 3, std=0.7, generator=generator(seed), dtype=torch.float64, **options)


CELLS = {
    "RNN": (of(RNN), rnn),
    "leaky RNN": (of(LeakyRNN, alpha=0.3), leaky),
    "RHN": (of(RHN), rhn),
    "RHN of depth 2": (of(RHN, depth=2), rhn),
    "RHN of depth 3": (of(RHN, depth=3), rhn),
    "LSTM": (of(LSTM), lstm),
    "RNN below RHN": (
        Stacked(of(RNN), RHN(3, 3, std=0.7, generator=generator(1), dtype=torch.float64)),
        two_layers,
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_exact_rtrl_of_every_cell_is_the_complex_step_derivative_of_a_literal_forward_pass(name):
    cell, forward = CELLS[name]
    inputs = np.random.default_rng(5).normal(size=(5, 2))
    influence = Influence(cell, lambda block: ExactRTRL(block=block))
    influence.reset(1)
    s = cell.init_state(1)
    for x in inputs:
        jacs = cell.linearize(torch.tensor(x)[None], s)
        influence.step(jacs)
        s = jacs[-1].state
    weights = [W.detach().numpy() for W in cell.weights]
    for estimator, wanted in zip(influence.estimators, influence_of(forward, inputs, cell.state_dim, weights), strict=True):
        np.testing.assert_allclose(estimator.dense()[0].numpy(), wanted, rtol=0, atol=1e-14)


def test_the_micro_steps_of_a_deep_highway_network_multiply_to_the_jacobian_of_the_whole_step():
    cell, forward = CELLS["RHN of depth 2"]
    random = np.random.default_rng(1)
    x, s = random.normal(size=2), random.normal(size=3)
    weights = [W.detach().numpy() for W in cell.weights]
    columns = [forward(x, s + 1e-30j * np.eye(3)[j], [W.astype(complex) for W in weights]).imag / 1e-30 for j in range(3)]
    first, second = cell.linearize(torch.tensor(x)[None], torch.tensor(s)[None])
    np.testing.assert_allclose((second.H @ first.H)[0].numpy(), np.stack(columns, axis=1), atol=1e-14)
    np.testing.assert_allclose(second.features[0].numpy(), [*first.state[0].numpy(), 1])  # no input above the first layer
    assert (first.block, second.block) == (0, 1)


def derivatives(forward, x, s, W):
    """ds'/ds (N, N) and ds'/dW (N, m, p) of one step, by complex steps."""
    H = np.stack([forward(x, s + 1e-30j * e, [W.astype(complex)]).imag / 1e-30 for e in np.eye(len(s))], axis=1)
    F = np.zeros((len(s), *W.shape))
    for index in np.ndindex(*W.shape):
        moved = W.astype(complex)
        moved[index] += 1e-30j
        F[(slice(None), *index)] = forward(x, s.astype(complex), [moved]).imag / 1e-30
    return H, F


def along(cell, estimator, inputs):
    """The dense estimate after each step."""
    estimator.reset(1)
    s = cell.init_state(1)
    for x in inputs:
        jacs = cell.linearize(torch.tensor(x)[None], s)
        estimator.step(*jacs)
        s = jacs[-1].state
        yield estimator.dense()[0].numpy()


@pytest.mark.parametrize("name", ["RNN", "RHN", "LSTM"])
def test_snap_1_keeps_what_a_weight_does_to_its_own_unit(name):
    cell, forward = CELLS[name]
    inputs, W, N, n = np.random.default_rng(6).normal(size=(5, 2)), cell.weights[0].detach().numpy(), cell.state_dim, cell.n
    own = np.arange(N)[:, None, None] % n == np.arange(W.shape[1])[None, None] % n
    s, G = np.zeros(N), np.zeros((N, *W.shape))
    for x, found in zip(inputs, along(cell, SnAp(1), inputs), strict=True):
        H, F = derivatives(forward, x, s, W)
        G = own * (np.einsum("ab,biq->aiq", H, G) + F)
        s = forward(x, s, [W])
        np.testing.assert_allclose(found, G, atol=1e-14)


def test_rflo_drops_what_passes_through_the_recurrent_weights():
    cell, forward = CELLS["leaky RNN"]
    inputs, W = np.random.default_rng(7).normal(size=(5, 2)), cell.weights[0].detach().numpy()
    s, G = np.zeros(3), np.zeros((3, *W.shape))
    for x, found in zip(inputs, along(cell, RFLO(0.3), inputs), strict=True):
        F = derivatives(forward, x, s, W)[1]
        G = 0.7 * G + F
        s = forward(x, s, [W])
        np.testing.assert_allclose(found, G, atol=1e-14)


# -- one step of each estimator, over all of its signs ---------------------------------------------------------------------

N, M = 3, 4


class Step:
    """A random linearised step with D made of diagonals, in numpy and as the estimators take it."""

    def __init__(self, random, gates):
        self.H, self.h, self.d = random.normal(size=(N, N)), random.normal(size=M), random.normal(size=(gates, N))
        self.D = np.zeros((N, gates * N))
        for gate, unit in itertools.product(range(gates), range(N)):
            self.D[unit, gate * N + unit] = self.d[gate, unit]
        self.F = product(self.h, self.D)

    def lanes(self, count):
        given = torch.zeros(N), torch.tensor(self.h), torch.tensor(self.d)[None], torch.tensor(self.H)
        return StepJacobian(*(tensor.expand(count, *tensor.shape) for tensor in given))

    def push(self, G):
        return np.einsum("ab,biq->aiq", self.H, G)


def product(u, A):
    return np.einsum("i,aq->aiq", u, A)


def uoro_step(state, step, nu):
    s, w = state
    v = np.outer(step.h, nu @ step.D)
    if s is None:
        rho = np.sqrt(np.linalg.norm(v) / np.sqrt(N))
        return rho * nu, v / rho
    old, new = np.sqrt(np.linalg.norm(w) / np.linalg.norm(step.H @ s)), np.sqrt(np.linalg.norm(v) / np.sqrt(N))
    return old * step.H @ s + new * nu, w / old + v / new


def pre_uoro_step(state, step, nu):
    s, w = state
    column, row = step.D @ nu, np.outer(step.h, nu)
    new = np.sqrt(np.linalg.norm(row) / np.linalg.norm(column))
    if s is None:
        return new * column, row / new
    old = np.sqrt(np.linalg.norm(w) / np.linalg.norm(step.H @ s))
    return old * step.H @ s + new * column, w / old + row / new


def kf_step(state, step, signs):
    u, A = state
    p2 = np.sqrt(np.linalg.norm(step.D) / np.linalg.norm(step.h))
    if u is None:
        return p2 * step.h, step.D / p2
    HA = step.H @ A
    p1 = np.sqrt(np.linalg.norm(HA) / np.linalg.norm(u))
    c1, c2 = signs
    return c1 * p1 * u + c2 * p2 * step.h, c1 * HA / p1 + c2 * step.D / p2


def reverse_step(state, step, nu):
    alpha, beta = state
    new = np.outer(step.D @ nu, step.h)
    p1 = np.sqrt(np.linalg.norm(new) / np.linalg.norm(nu))
    if alpha is None:
        return p1 * nu, new / p1
    p0 = np.sqrt(np.linalg.norm(step.H @ beta) / np.linalg.norm(alpha))
    return p0 * alpha + p1 * nu, step.H @ beta / p0 + new / p1


RANK_ONE = {  # estimator, its step, dense G from its two factors, number of signs with k gates, whether k > 1 has a closed form
    "UORO": (UORO, uoro_step, lambda s, w: np.einsum("a,iq->aiq", s, w), lambda k: N, True),
    "PreUORO": (PreUORO, pre_uoro_step, lambda s, w: np.einsum("a,iq->aiq", s, w), lambda k: k * N, False),
    "KF": (KFRTRL, kf_step, product, lambda k: 2, True),
    "ReverseKF": (ReverseKF, reverse_step, lambda alpha, beta: np.einsum("q,ai->aiq", alpha, beta), lambda k: k * N, False),
}


def enumerated(make, steps, table):
    """Dense estimates after the last of ``steps``: the signs before it are fixed, in it one lane has one row of ``table``."""
    estimator = make(seed=0)
    estimator.reset(len(table))
    for t, step in enumerate(steps):
        last = t == len(steps) - 1
        estimator.signs = lambda count, last=last, t=t: torch.tensor(
            np.resize(table, (len(table), count)) if last else np.tile(FIXED[t][:count], (len(table), 1))
        )
        estimator.step(step.lanes(len(table)))
    return estimator.dense().numpy(), estimator.step_noise


FIXED = np.random.default_rng(9).choice([-1.0, 1.0], size=(3, 16))


@pytest.mark.parametrize("gates", [1, 2])
@pytest.mark.parametrize("name", RANK_ONE)
def test_every_outcome_of_a_rank_one_step_is_that_of_the_literal_step(name, gates):
    make, literal, dense, signs_of, always_closed = RANK_ONE[name]
    count = signs_of(gates)
    random = np.random.default_rng(3)
    steps = [Step(random, gates) for _ in range(3)]
    table = np.array(list(itertools.product([-1.0, 1.0], repeat=count)))
    ours, noise = enumerated(make, steps, table)
    state = (None, None)
    for t, step in enumerate(steps[:-1]):
        state = literal(state, step, FIXED[t][:count])
    outcomes = np.array([dense(*literal(state, steps[-1], signs)) for signs in table])
    np.testing.assert_allclose(ours, outcomes, atol=1e-12)
    target = steps[-1].push(dense(*state)) + steps[-1].F
    np.testing.assert_allclose(outcomes.mean(axis=0), target, atol=1e-12)
    np.testing.assert_allclose(ours.mean(axis=0), target, atol=1e-12)
    moment = ((outcomes - target) ** 2).sum(axis=(1, 2, 3)).mean()
    if always_closed or gates == 1:
        np.testing.assert_allclose(noise().numpy(), moment, rtol=1e-12)
    else:  # |D nu| depends on the signs
        with pytest.raises(NotImplementedError, match="no closed form"):
            noise()
    if name == "UORO":  # what is injected can't be avoided
        injected = (N - 1) * np.sum(steps[-1].F ** 2)
        assert moment > injected


def least_noise(d, rank):
    """The least E|C' - C|^2 over unbiased C' of that rank: theta = min(1, d/mu), with mu by bisection."""
    d = np.asarray(d, dtype=float)
    if np.count_nonzero(d) <= rank:
        return 0.0
    low, high = 0.0, d.sum()
    for _ in range(200):
        mu = (low + high) / 2
        low, high = (mu, high) if np.minimum(1, d / mu).sum() > rank else (low, mu)
    theta = np.minimum(1, d[d > 0] / high)
    return float((d[d > 0] ** 2 / theta).sum() - (d**2).sum())


def test_the_least_noise_by_bisection_has_the_known_values():
    known = [([3, 2, 1], 2, 4), ([3, 1, 1], 2, 2), ([10, 1, 1], 2, 2), ([1] * 4, 3, 4 / 3), ([5, 4, 3, 2, 1], 4, 4)]
    known += [([2, 1], 1, 4), ([4, 2, 1, 0.5], 2, 7), ([1] * 6, 3, 6), ([10, 1, 1, 1, 1], 3, 4)]
    for d, rank, wanted in known:
        assert least_noise(d, rank) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("solver", ["qr", "cholesky"])
def test_over_all_signs_of_a_step_ok_has_the_target_as_mean_and_the_least_noise_of_its_dense_matrix(rank, solver):
    random = np.random.default_rng(4)
    steps = [
        Step(random, gates=2) for _ in range(rank + 2)
    ]  # one more than it holds exactly, so that the last but one mixes, too
    table = np.array(list(itertools.product([-1.0, 1.0], repeat=rank + 1)))

    estimator = OK(rank, seed=0, solver=solver)
    estimator.reset(len(table))
    estimator.signs = lambda count: torch.tensor(np.tile(FIXED[0][:count], (len(table), 1)))
    for step in steps[:-1]:
        estimator.step(step.lanes(len(table)))
    before = estimator.dense()[0].numpy()
    estimator.signs = lambda count: torch.tensor(table[:, :count])
    estimator.step(steps[-1].lanes(len(table)))
    ours, target = estimator.dense().numpy(), steps[-1].push(before) + steps[-1].F

    np.testing.assert_allclose(ours.mean(axis=0), target, atol=1e-11)
    as_matrix = target.transpose(1, 0, 2).reshape(M, -1)  # a Kronecker sum of r terms is this matrix with rank r
    least = least_noise(np.linalg.svd(as_matrix, compute_uv=False)[: rank + 1], rank)
    lengths = ((ours - target) ** 2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(lengths, least, rtol=1e-7 if solver == "qr" else 1e-4)  # of every draw, not on average only
    np.testing.assert_allclose(estimator.step_noise().numpy(), least, rtol=1e-7 if solver == "qr" else 1e-4)
    for outcome in ours:
        assert np.linalg.matrix_rank(outcome.transpose(1, 0, 2).reshape(M, -1), tol=1e-8) <= rank
    np.testing.assert_allclose(lengths.mean(), least, rtol=1e-7 if solver == "qr" else 1e-4)


# -- the copy task's curriculum -------------------------------------------------------------------------------------------


def test_the_curriculum_follows_its_rule_and_strings_are_fair_and_recalled():
    """Losses are prescribed; T and the mean are followed by hand from the marks of fresh lanes alone."""
    lanes, random = 3, np.random.default_rng(2)
    stream = CopyStream(lanes, seed=11, averaging=0.9)
    mean, T, open_strings, strings = 1.0, 1, [None] * lanes, []
    for _ in range(20_000):
        symbols = stream.next()
        for lane in range(lanes):
            if symbols.fresh[lane]:
                if open_strings[lane] is not None:
                    strings.append(open_strings[lane])
                if mean < 0.15:
                    T, mean = T + 1, 0.3
                open_strings[lane] = (T, [], [])
            open_strings[lane][1].append(int(symbols.inputs[lane]))
            open_strings[lane][2].append(int(symbols.targets[lane]))
        assert stream.metrics() == {"T": T}
        loss = float(random.uniform(0.1, 0.25 if T < 12 else 0.6))
        stream.observe(loss)
        mean = 0.9 * mean + 0.1 * loss
    assert T >= 12
    jitter, ones, bits = Counter(), 0, 0
    for at, inputs, targets in strings:
        size = (len(inputs) - 2) // 2
        string = inputs[1 : 1 + size]
        assert inputs == [2, *string, *[3] * (size + 1)]
        assert targets == [*[3] * (size + 1), 2, *string]
        assert set(string) <= {0, 1}
        assert max(1, at - 4) <= size <= at
        if at >= 6:
            jitter[at - size] += 1
            ones, bits = ones + sum(string), bits + size
    total = sum(jitter.values())
    chi2 = sum((jitter[j] - total / 5) ** 2 / (total / 5) for j in range(5))
    assert chi2 < 18.47  # the 0.1 % point with 4 degrees of freedom
    assert abs(2 * ones - bits) < 3.3 * bits**0.5  # the 0.1 % point of fair bits
    assert total > 500


def test_without_loss_the_mean_needs_693_steps_from_its_restart_to_the_threshold():
    assert 0.3 * 0.999**692 > 0.15 > 0.3 * 0.999**693
    stream, raised = CopyStream(16, seed=0), []
    for step in range(6000):
        before = stream.T
        stream.next()
        if stream.T > before:
            raised.append(step)
        stream.observe(0.0)
    gaps = np.diff(raised)
    assert len(gaps) >= 4
    assert ((gaps >= 693) & (gaps <= 693 + 2 * stream.T + 2)).all()  # the next lane to start notices


# -- texts ----------------------------------------------------------------------------------------------------------------

TEXT = b"the cat sat on the mat; that cat ate the rat. " * 3 + b"a black bat sat at the table, and that was that."


def test_entropies_of_a_text_by_counting_windows_in_a_dictionary():
    for k in range(4):
        positions = range(len(TEXT) - k)
        joint = Counter(TEXT[i : i + k + 1] for i in positions)
        context = Counter(TEXT[i : i + k] for i in positions)
        bits = -sum(c / len(positions) * np.log2(c / context[window[:k]]) for window, c in joint.items())
        assert conditional_entropy(TEXT, k) == pytest.approx(bits, abs=1e-12)


def test_the_ngram_model_by_dictionaries():
    held_out, order = b"the black cat, the zebra", 3
    followers = [{} for _ in range(order + 1)]
    for k in range(order + 1):
        for i in range(k, len(TEXT)):
            followers[k].setdefault(TEXT[i - k : i], Counter())[TEXT[i]] += 1
    wanted = []
    for highest in range(order + 1):
        bits = 0.0
        for i, symbol in enumerate(held_out):
            p = 1 / 256
            for k in range(min(highest, i) + 1):
                counts = followers[k].get(held_out[i - k : i])
                if counts:
                    p = (counts[symbol] + len(counts) * p) / (counts.total() + len(counts))
            bits -= np.log2(p)
        wanted.append(bits / len(held_out))
    assert train_ngram(TEXT, order).bits(held_out) == pytest.approx(wanted, rel=1e-12)


def test_a_gru_with_the_reset_after_the_product_is_this_function():
    cell = of(GRU)
    random = np.random.default_rng(8)
    x, h = random.normal(size=2), random.normal(size=3)
    W = cell.weights[0].detach().numpy()
    r, u = (np.concatenate([x, h, [1]]) @ W[:, :6]).reshape(2, 3)
    of_x, of_h = x @ W[:2, 6:9] + W[5, 6:9], h @ W[2:5, 9:] + W[5, 9:]
    wanted = (1 - sigmoid(u)) * np.tanh(of_x + sigmoid(r) * of_h) + sigmoid(u) * h
    np.testing.assert_allclose(cell(torch.tensor(x)[None], torch.tensor(h)[None])[0].detach().numpy(), wanted, atol=1e-14)
