"""What is claimed of KF-RTRL and OK, measured with the estimators of :mod:`nets.rtrl` on networks with frozen weights.

Networks and inputs are random, of fixed seeds other than those on which margins were chosen. Error rates are over the signs of
the estimators, given these networks: nothing is claimed of all networks. Torch is imported when a claim is decided.

Notation: G the influence matrix, G~ its estimate, H the Jacobian of the state; n units. Ratios of mean squared errors are
geometric means over networks, with normal intervals for their logarithms.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.rtrl.exact import KF, KF_SOURCE, OK, OK_SOURCE
from proofs_check.decide import Fact, facts, worst
from proofs_check.neural import with_torch
from proofs_check.verdict import POWER

if TYPE_CHECKING:
    from nets.rtrl.measure import Draws

Found = tuple[float, str, Outcome]


def network(
    kind: str, n: int, steps: int, seed: int, spectral: float | None = None, drive: float | None = None
) -> tuple[Any, Any]:
    """A cell with 3 inputs in float64 and normal inputs (steps, 3).

    For the RNN ``spectral`` is the norm of its recurrent weights, ``drive`` the deviation of all others: then a unit's activity
    does not shrink with n.
    """
    import torch

    from nets.rtrl import LSTM, RHN, RNN

    generator = torch.Generator(device="cpu").manual_seed(seed)
    make, std = {"RNN": (RNN, n**-0.5), "RHN": (RHN, n**-0.5), "LSTM": (LSTM, n**-0.5)}[kind]
    cell = make(3, n, std=std, generator=generator, dtype=torch.float64)
    if spectral is not None:
        with torch.no_grad():
            recurrent = cell.weights[0][3 : 3 + n]
            recurrent *= spectral / torch.linalg.matrix_norm(recurrent, 2)
    if drive is not None:
        with torch.no_grad():
            cell.weights[0][:3] *= drive / std
            cell.weights[0][-1] *= drive / std
    return cell, torch.randn(steps, 3, generator=generator, dtype=torch.float64, device="cpu")


def estimator(name: str, seed: int, biased: bool = False) -> Callable[..., Any]:
    """A factory of estimators by name: UORO, KF, KF-AVG r, OK(r). ``biased``: three of four signs are +1."""
    from nets.rtrl import KFRTRL, UORO
    from nets.rtrl import OK as OKEstimator

    more: dict[str, Any] = {"seed": seed}
    base: Any
    if name.startswith("OK"):
        base, more["rank"] = OKEstimator, int(name[3:-1])
    elif name.startswith("KF-AVG"):
        base, more["copies"] = KFRTRL, int(name.split()[1])
    else:
        base = {"UORO": UORO, "KF": KFRTRL}[name]
    if biased:
        base = _with_biased_signs(base)
    return functools.partial(base, **more)


def _with_biased_signs(base: Any) -> Any:
    class Biased(base):
        def signs(self, count: int) -> Any:
            drawn = super().signs(2 * count)
            return drawn[:, :count].maximum(drawn[:, count:])

    return Biased


def _drawn(cell: Any, inputs: Any, name: str, number: int, seed: int, **more: Any) -> Draws:
    from nets.rtrl.measure import draws

    return draws(cell, inputs, estimator(name, seed, more.pop("biased", False)), number, **more)


# ---- unbiased


def unbiased(setting: Setting, methods: dict[str, int]) -> Outcome:
    """beta of the gradient, by its own law; the power is for a bias of ``effect`` times the gradient."""
    kinds = setting.choose(("RNN",), ("RNN", "RHN", "LSTM"))
    error = setting.error / (len(methods) * len(kinds))
    found: list[Found] = []
    for i, kind in enumerate(kinds):
        cell, inputs = network(kind, 6, 12, setting.seed % 1000 + i)
        for j, (name, number) in enumerate(methods.items()):
            drawn = _drawn(cell, inputs, name, number * setting.choose(1, 2), setting.seed + j, biased=setting.mutant)
            limit, power = _beta_limit(drawn, error, setting.effect)
            verdict = "refuted" if drawn.beta > limit else "consistent" if power >= POWER else "inconclusive"
            where = f"{name}, {kind}"
            reason = f"{where}: beta = {drawn.beta:.3g} of {drawn.draws} draws, at most {limit:.3g} by chance; power {power:.3g}"
            found.append((limit - drawn.beta, where, Outcome(verdict, reason, 1.0, drawn.beta, (0.0, limit), power)))
    return worst(found)


def _beta_limit(drawn: Draws, error: float, effect: float) -> tuple[float, float]:
    """What beta exceeds with probability ``error`` if unbiased, and a lower estimate of the power for a relative bias."""
    from scipy.special import ndtr
    from scipy.stats import chi2

    assert drawn.traces is not None
    c1, c2, c3 = drawn.traces
    h = c2**3 / c3**2
    limit = 1 + (float(chi2.isf(error, h)) - h) / (c1 * math.sqrt(h / c2))
    shift = drawn.draws * effect**2 * float(drawn.exact.square().sum()) / c1
    spread = math.sqrt(2 * c2 / c1**2 + 4 * shift * math.sqrt(c2) / c1)  # the largest eigenvalue is at most sqrt(c2)
    return limit, float(ndtr((1 + shift - limit) / spread))


# ---- ordering

# (more noise, least factor, less noise, whether the factor is exact), per cell; chosen on seeds 0 to 7
ORDER = {
    "RNN": (("UORO", 5.0, "KF", False), ("KF", 4.0, "KF-AVG 4", True), ("KF", 1.0, "OK(1)", False),
            ("OK(1)", 2.0, "OK(2)", False), ("KF-AVG 4", 4.0, "OK(4)", False)),
    "RHN": (("UORO", 5.0, "KF", False), ("KF", 4.0, "KF-AVG 4", True), ("KF", 1.1, "OK(1)", False),
            ("OK(1)", 3.0, "OK(2)", False), ("KF-AVG 4", 10.0, "OK(4)", False)),
}  # fmt: skip

_FEWER = {"UORO": 2, "OK(2)": 4, "OK(4)": 8}  # of what is far apart or takes long


def ordering(setting: Setting, wanted: tuple[str, ...], quick: int) -> Outcome:
    """Ratios of E|G~ - G|^2 after 12 steps. The mutant exchanges the two names."""
    chosen = [(kind, *row) for kind in setting.choose(("RHN",), ("RHN", "RNN")) for row in ORDER[kind] if row[2] in wanted]
    networks, number = setting.choose(2, 4), setting.choose(quick, 3000)
    found: list[Found] = []
    seen: dict[tuple[str, str], list[Draws]] = {}
    for i, (kind, more, factor, less, exact) in enumerate(chosen):
        for name in (more, less):
            if (kind, name) not in seen:
                made = [network(kind, 8, 12, 100 + s) for s in range(networks)]
                seed = setting.seed + 1000 * i + (name == less)
                seen[kind, name] = [
                    _drawn(*one, name, number // _FEWER.get(name, 1), seed + 10 * s) for s, one in enumerate(made)
                ]
        one, other = (less, more) if setting.mutant else (more, less)
        found.append(_ratio(kind, one, other, factor, exact, seen[kind, one], seen[kind, other], setting.error / len(chosen)))
    return worst(found)


def _ratio(
    kind: str, one: str, other: str, factor: float, exact: bool, above: list[Draws], below: list[Draws], error: float
) -> Found:
    from scipy.special import ndtri

    logs = [math.log(float(a.error[0] / b.error[0])) for a, b in zip(above, below)]
    variances = [float((d.error_sd[0] / d.error[0]) ** 2) for d in (*above, *below)]
    mean, half = sum(logs) / len(logs), float(ndtri(1 - error / 2)) * math.sqrt(sum(variances)) / len(logs)
    low, high, ratio = math.exp(mean - half), math.exp(mean + half), math.exp(mean)
    if exact:
        refuted, room = not low <= factor <= high, 0.15 - half
        verdict = "refuted" if refuted else "consistent" if half <= 0.15 else "inconclusive"
    else:
        verdict = "refuted" if high < factor else "consistent" if low > factor else "inconclusive"
        room = mean - half - math.log(factor)
    where = f"{one} / {other}, {kind}"
    said = f"{where}: {ratio:.3g} in [{low:.3g}, {high:.3g}], {'exactly' if exact else 'at least'} {factor:g} claimed"
    return room, where, Outcome(verdict, said, factor, ratio, (low, high))


# ---- growth with n, and over time


STEEP, FLAT, DRIVE = -0.8, -0.6, 0.5
"""The variance of an entry falls like 1/n by KF-RTRL and not by UORO, where |h^| and |D| grow like sqrt(n): see ``network``."""


def scaling(setting: Setting) -> Outcome:
    """Slopes against log n: of UORO/KF in 1 +- effect (the mutant's in 0 +- effect); of the mean variance of an entry of G~."""
    from scipy.special import ndtri

    sizes = setting.choose(((8, 200), (16, 120), (32, 80)), ((8, 400), (16, 300), (32, 200), (64, 60)))
    networks = setting.choose(2, 3)
    means: dict[str, list[float]] = {"UORO": [], "KF": []}  # of the logarithm, for each n
    variances: dict[str, list[float]] = {"UORO": [], "KF": []}
    for n, number in sizes:
        made = [network("RNN", n, 8, 200 + s, spectral=0.5, drive=DRIVE) for s in range(networks)]
        for name, logs in means.items():
            drawn = [_drawn(*one, name, number, setting.seed + s + 10 * n) for s, one in enumerate(made)]
            logs.append(sum(math.log(float(d.error[0]) / d.entries) for d in drawn) / networks)
            variances[name].append(sum(float((d.error_sd[0] / d.error[0]) ** 2) for d in drawn) / networks**2)
    x = [math.log(n) for n, _ in sizes]
    away = [value - sum(x) / len(x) for value in x]
    square = sum(a**2 for a in away)
    slopes = {name: sum(a * y for a, y in zip(away, logs)) / square for name, logs in means.items()}
    spreads = {name: math.sqrt(sum(a**2 * v for a, v in zip(away, of_each))) / square for name, of_each in variances.items()}

    half = float(ndtri(1 - setting.error / 6)) * math.hypot(*spreads.values())
    slope, wanted = slopes["UORO"] - slopes["KF"], 0.0 if setting.mutant else 1.0
    low, high = slope - half, slope + half
    inside = wanted - setting.effect <= low and high <= wanted + setting.effect
    outside = high < wanted - setting.effect or low > wanted + setting.effect
    verdict = "refuted" if outside else "consistent" if inside else "inconclusive"
    said = f"UORO/KF grows like n^{slope:.3g} for n = {', '.join(str(n) for n, _ in sizes)}, between {low:.3g} and {high:.3g}"
    room = setting.effect - abs(slope - wanted) - half
    found: list[Found] = [(room, "slope of UORO/KF", Outcome(verdict, said, wanted, slope, (low, high)))]
    for name, limit, sign in (("KF", STEEP, 1), ("UORO", FLAT, -1)):
        slope, half = slopes[name], float(ndtri(1 - setting.error / 3)) * spreads[name]
        room = sign * (limit - slope) - half
        verdict = "consistent" if room > 0 else "refuted" if room + 2 * half < 0 else "inconclusive"
        side = "below" if sign > 0 else "above"
        said = f"an entry's variance by {name} goes like n^{slope:.3g} +- {half:.2g}, claimed {side} {limit}"
        found.append((room, f"slope of {name}", Outcome(verdict, said, limit, slope, (slope - half, slope + half))))
    return worst(found)


def no_growth(setting: Setting) -> Outcome:
    """E|G~ - G|^2 late (steps 100 to 160) over early (20 to 80) in [1/3, 3], and KF below UORO. Mutant: the names exchanged."""
    from scipy.special import ndtri

    times, number = tuple(range(20, 161, 10)), setting.choose(300, 1500)
    cell, inputs = network("RNN", 6, 160, 300, spectral=0.8)
    names = setting.choose(("KF", "UORO"), ("KF", "UORO", "OK(1)"))
    drawn = {name: _drawn(cell, inputs, name, number, setting.seed + i, times=times) for i, name in enumerate(names)}
    z = float(ndtri(1 - setting.error / 2 / (len(names) + len(times))))
    found: list[Found] = []
    for name, one in drawn.items():
        late, early = ([i for i, t in enumerate(times) if a <= t <= b] for a, b in ((100, 160), (20, 80)))
        means, sds = ([float(x[part].mean()) for part in (late, early)] for x in (one.error, one.error_sd))
        ratio, half = means[0] / means[1], z * (sds[0] / means[0] + sds[1] / means[1])  # as if all times moved together
        low, high = ratio * math.exp(-half), ratio * math.exp(half)
        verdict = "consistent" if 1 / 3 <= low and high <= 3 else "refuted" if low > 3 or high < 1 / 3 else "inconclusive"
        said = f"{name}: late over early is {ratio:.3g}, in [{low:.3g}, {high:.3g}], claimed to lie in [1/3, 3]"
        found.append((math.log(3) - abs(math.log(ratio)) - half, name, Outcome(verdict, said, 1.0, ratio, (low, high))))
    small, large = ("UORO", "KF") if setting.mutant else ("KF", "UORO")
    for i, t in enumerate(times):
        a, b = drawn[small], drawn[large]
        log = math.log(float(b.error[i] / a.error[i]))
        half = z * math.hypot(*(float(d.error_sd[i] / d.error[i]) for d in (a, b)))
        verdict = "consistent" if log > half else "refuted" if log < -half else "inconclusive"
        said = f"{large} / {small} at t = {t}: {math.exp(log):.3g}, in [{math.exp(log - half):.3g}, {math.exp(log + half):.3g}]"
        interval = (math.exp(log - half), math.exp(log + half))
        found.append((log - half, f"{large} / {small}, t = {t}", Outcome(verdict, said, 1.0, math.exp(log), interval)))
    return worst(found)


# ---- bounds


def _influence(jac: Any, before: Any) -> Any:
    """G = H G + F of one lane, (N, m, p)."""
    import torch

    fresh = torch.einsum("m,ap->amp", jac.features[0], jac.dense_D()[0])
    return fresh if before is None else torch.einsum("ab,bmp->amp", jac.H[0], before) + fresh


def bounded(setting: Setting) -> Iterator[Fact]:
    """|u|, |A| <= sqrt(C_1 C_2)/(1 - sqrt(rho)) at every sign drawn, and the mean squared error below its bound.

    C_1, C_2 and rho are the largest norms along the sequence. The mutant leaves the factor 1/(1 - sqrt(rho)) out of the first.
    """
    import torch

    from nets.rtrl.measure import expanded, linearised
    from theory.learning.rtrl_noise import kf_variance

    for case in range(setting.choose(2, 6)):
        cell, inputs = network("RNN", 6, setting.choose(60, 200), 400 + case, spectral=0.8)
        steps = [jac for (jac,) in linearised(cell, inputs)]
        rho = max(float(torch.linalg.matrix_norm(jac.H, 2)) for jac in steps)
        c1, c2 = max(float(jac.features.norm()) for jac in steps), max(float(jac.norm_D()) for jac in steps)
        limit = math.sqrt(c1 * c2) / (1 if setting.mutant else 1 - math.sqrt(rho))
        lanes = setting.choose(100, 1000)
        kf, exact = estimator("KF", setting.seed + case)(), None
        kf.reset(lanes)
        largest = worst_error = 0.0
        for jac in steps:
            kf.step(expanded(jac, lanes))
            exact = _influence(jac, exact)
            largest = max(largest, float(kf.u.norm(dim=-1).max()), float(kf.A.flatten(2).norm(dim=-1).max()))
            worst_error = max(worst_error, float((kf.dense() - exact).square().flatten(1).sum(1).mean()))
        bound = kf_variance()[1].evaluate(rho=rho, C_1=c1, C_2=c2)
        wrong = f"a factor has norm {largest:.4g}, above {limit:.4g}" if largest > limit else ""
        if worst_error > bound:
            wrong = f"the mean squared error is {worst_error:.4g}, above {bound:.4g}"
        yield Fact(
            f"network {case}, rho = {rho:.3g}: factors {largest:.3g} of {limit:.3g}, error {worst_error:.3g} of {bound:.3g}",
            wrong,
        )


def martingale(setting: Setting) -> Outcome:
    """E|error'|^2 = E|H error|^2 + E|noise|^2 with the closed form of each step's noise; the mutant's noise is half of it."""
    import torch
    from scipy.special import ndtr, ndtri

    from nets.rtrl.measure import expanded, linearised

    lanes, found = setting.choose(1500, 6000), []
    names = ("KF", "OK(1)", "UORO")
    z = float(ndtri(1 - setting.error / 2 / len(names)))
    cell, inputs = network("RNN", 5, 12, 500)
    for i, name in enumerate(names):
        one, exact, before = estimator(name, setting.seed + i)(), None, None
        one.reset(lanes)
        gap = total = torch.zeros(lanes, dtype=torch.float64, device="cpu")
        for (jac,) in linearised(cell, inputs):
            exact = _influence(jac, exact)
            one.step(expanded(jac, lanes))
            noise = one.step_noise() * (0.5 if setting.mutant else 1.0)
            error = one.dense() - exact
            pushed = 0.0 if before is None else torch.einsum("ac,bcmp->bamp", jac.H[0], before).square().flatten(1).sum(1)
            gap = gap + error.square().flatten(1).sum(1) - pushed - noise
            total, before = total + noise, error
        mean, sd = float(gap.mean() / total.mean()), float(gap.std() / math.sqrt(lanes) / total.mean())
        power = float(ndtr(setting.effect / sd - z))
        verdict = "refuted" if abs(mean) > z * sd else "consistent" if power >= POWER else "inconclusive"
        said = f"{name}: squared errors exceed the recursion by {mean:.2g} +- {z * sd:.2g} of all noise; power {power:.3g}"
        outcome = Outcome(verdict, said, 1.0, 1 + mean, (1 + mean - z * sd, 1 + mean + z * sd), power)
        found.append((z * sd - abs(mean), name, outcome))
    return worst(found)


# ---- OK, step by step and over all signs


def steps(setting: Setting) -> Iterator[Fact]:
    """The least noise of r ranks against that of the mean of r copies of KF, from the same G~. The mutant has 1 rank."""
    from nets.rtrl.estimators.ok import least_step_noise
    from nets.rtrl.measure import expanded, linearised

    lanes = setting.choose(8, 32)
    for kind in ("RNN", "RHN"):
        for r in (2, 4, 8):
            cell, inputs = network(kind, 6, setting.choose(12, 40), 600 + r)
            kf = estimator(f"KF-AVG {r}", setting.seed + r)()
            kf.reset(lanes)
            wrong, number = "", 0
            for t, (one,) in enumerate(linearised(cell, inputs), 1):
                jac = expanded(one, lanes)
                least = None
                if t > 1:
                    ranks = 1 if setting.mutant else r
                    least = least_step_noise(kf.u.transpose(0, 1) / r, kf.A.transpose(0, 1), jac, ranks)
                kf.step(jac)
                if least is None:
                    continue
                excess = least - kf.step_noise() * (1 + 1e-9) - 1e-9
                number += int((excess <= 0).sum())
                if float(excess.max()) > 0:
                    wrong = wrong or f"step {t}: OK({r}) has {float(excess.max()):.3g} more noise"
            yield Fact(f"{kind}, r = {r}: {number} steps", wrong)


def enumeration(setting: Setting) -> Iterator[Fact]:
    """All signs of the reduction: mean, squared error, rank. The mutant expects the noise of mixing the two smallest only."""
    import itertools

    import torch

    from nets.rtrl.estimators.mixing import mix_by_signs
    from theory.learning.optimal_reduction import dual_value

    generator = torch.Generator(device="cpu").manual_seed(setting.seed)
    for r in setting.choose((1, 2, 3, 5), (1, 2, 3, 5, 7)):
        q = r + 1
        uniform = torch.rand(q, generator=generator, dtype=torch.float64, device="cpu").sort(descending=True).values
        flat = torch.ones(q, dtype=torch.float64, device="cpu")
        kinds = {"random": uniform, "fast": 0.3 ** torch.arange(q, dtype=torch.float64, device="cpu"), "flat": flat}
        for kind, d in kinds.items():
            signs = torch.tensor(list(itertools.product((1.0, -1.0), repeat=q)), dtype=torch.float64, device="cpu")
            X, _ = mix_by_signs(d.expand(len(signs), q), r, signs)
            C = X @ X.mT
            squared = (C - torch.diag(d)).square().flatten(1).sum(1)
            least = float(2 * d[-1] * d[-2]) if setting.mutant else float(dual_value(d.tolist(), r))
            wrong = ""
            if float((C.mean(0) - torch.diag(d)).abs().max()) > 1e-13:
                wrong = "biased"
            elif abs(float(squared.mean()) - least) > 1e-9 * least:
                wrong = f"the squared error is {float(squared.mean()):.9g}, the dual bound {least:.9g}"
            elif float(squared.max() - squared.min()) > 1e-12:
                wrong = "the length of the error depends on the signs"
            yield Fact(f"{kind}, r = {r}", wrong)


_KF_METHODS = {"UORO": 5000, "KF": 1500, "KF-AVG 4": 800}
_OK_METHODS = {"OK(1)": 1200, "OK(2)": 600, "OK(4)": 300}
_NAMES = "the two names are exchanged"

CLAIMS = (
    Claim("kf-unbiased", KF, "Gradients by UORO, KF-RTRL and means of KF-RTRL are unbiased at frozen weights.", KF_SOURCE,
          "three of four signs are +1", 0.3, with_torch(functools.partial(unbiased, methods=_KF_METHODS))),
    Claim("kf-ordering", KF, "KF-RTRL has far less noise than UORO, and the mean of four copies a quarter of it.", KF_SOURCE,
          _NAMES, 0.15, with_torch(functools.partial(ordering, wanted=("KF", "KF-AVG 4"), quick=1500))),
    Claim("kf-scaling", KF, "With n units UORO's variance over KF-RTRL's grows like n; an entry's falls by KF-RTRL, not by UORO.",
          KF_SOURCE, "the ratio does not grow", 0.3, with_torch(scaling)),
    Claim("kf-martingale", KF, "The squared error grows in each step by the closed form of its noise, on average.", KF_SOURCE,
          "half the noise", 0.2, with_torch(martingale), r"E|e_{t+1}|^2 = E|H e_t|^2 + E|E_t|^2",
          "e is the error of the estimate, E_t the noise of the step"),
    Claim("kf-bounded", KF, "Under contraction the factors of KF-RTRL and its error stay below their explicit bounds.", KF_SOURCE,
          "factors bounded by sqrt(C_1 C_2) alone", 0.0,
          with_torch(facts("consistent", bounded, "networks of 6 units, every step, every draw"))),
    Claim("kf-no-growth", KF, "Under contraction the noise does not grow with time, and KF-RTRL stays below UORO.", KF_SOURCE,
          _NAMES, 0.5, with_torch(no_growth)),
    Claim("ok-unbiased", OK, "Gradients by OK(r) are unbiased at frozen weights.", OK_SOURCE,
          "three of four signs are +1", 0.3, with_torch(functools.partial(unbiased, methods=_OK_METHODS))),
    Claim("ok-ordering", OK, "OK(1) has less noise than KF-RTRL, OK(2) less than OK(1), OK(4) far less than four KF-RTRL.",
          OK_SOURCE, _NAMES, 0.1, with_torch(functools.partial(ordering, wanted=("OK(1)", "OK(2)", "OK(4)"), quick=600))),
    Claim("ok-steps", OK, "From one and the same state, OK(r) has no more noise in a step than the mean of r copies of KF-RTRL.",
          OK_SOURCE, "OK with one rank", 0.0,
          with_torch(facts("consistent", steps, "closed forms in float64, step by step along runs of the mean"))),
    Claim("ok-enumeration", OK, "The reduction of OK attains the dual bound, with an error of the same length at every sign.",
          OK_SOURCE, "mixes the two smallest values only", 0.0,
          with_torch(facts("consistent", enumeration, "all signs, in float64"))),
)  # fmt: skip
