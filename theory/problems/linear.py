"""Linear functions: a sum of weights, one for each one-bit.

Comparisons are exact. A weight is the decimal number that it prints as: 0.1 means one tenth, so that with the weights
0.1, 0.2, 0.3 flipping the last bit down and the first two up is a tie, in every engine. All weights are scaled by
one power of ten to integers; where their sum fits 62 bits one int64 a weight is enough, otherwise each integer is
cut into limbs of 40 bits, and sums of up to 2^22 flipped bits can't overflow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import gcd, isfinite, lcm
from numbers import Rational

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem

LIMB = 40  # bits
_LARGEST_EXPONENT = 400  # 10^-400 .. 10^400 holds every double


def value(x, data):
    """As a float of the scaled integers, for rates and potentials in v; comparisons don't use it."""
    total = 0.0
    for i in range(x.size):
        if x[i] == 1:
            weight = 0.0
            for j in range(data.shape[1]):
                weight = weight * 1099511627776.0 + data[i, j]
            total += weight
    return total


def compare(y, x, data):
    """Sign of the exact difference over all positions."""
    if data.shape[1] == 1:
        difference = 0
        for i in range(x.size):
            difference += (np.int64(y[i]) - np.int64(x[i])) * data[i, 0]
        return (difference > 0) - (difference < 0)
    carry = 0
    low = False
    for j in range(data.shape[1] - 1, -1, -1):
        limb = carry
        for i in range(x.size):
            limb += (np.int64(y[i]) - np.int64(x[i])) * data[i, j]
        if j > 0:
            carry = limb >> 40
            low = low or (limb & 1099511627775) != 0
        else:
            carry = limb
    if carry == 0:
        return 1 if low else 0
    return 1 if carry > 0 else -1


def judge(x, flips, m, ups, k, v, data):
    """Sign of the exact difference over the flipped positions."""
    after = v
    if data.shape[1] == 1:
        difference = 0
        for j in range(m):
            weight = data[flips[j], 0]
            difference += weight if x[flips[j]] == 0 else -weight
        return (difference > 0) - (difference < 0), after + difference
    carry = 0
    low = False
    change = 0.0
    scale = 1.0
    for limb_index in range(data.shape[1] - 1, -1, -1):
        limb = 0
        for j in range(m):
            weight = data[flips[j], limb_index]
            limb += weight if x[flips[j]] == 0 else -weight
        change += scale * limb
        scale *= 1099511627776.0
        limb += carry
        if limb_index > 0:
            carry = limb >> 40
            low = low or (limb & 1099511627775) != 0
        else:
            carry = limb
    after = v + change
    if carry == 0:
        return 1 if low else 0, after
    return 1 if carry > 0 else -1, after


class Linear(Problem):
    """Linear(x) = sum of w_i x_i; on n bits it uses the first n weights.

    Parameters
    ----------
    weights : sequence of int, float, Fraction or decimal text, shape (at least n,)
        None zero, none infinite or NaN. A negative weight means that the optimum has a zero-bit there; ``k`` then counts
        the bits that differ from the optimum.

    Examples
    --------
    >>> Linear([0.1, 0.2, 0.3]).value([1, 1, 0]) == Linear([0.1, 0.2, 0.3]).value([0, 0, 1])
    True
    """

    strictly_monotone = True
    hooks = {"value": value, "compare": compare, "judge": judge}

    def __init__(self, weights: Iterable) -> None:
        if isinstance(weights, (str, bytes, dict)) or not hasattr(weights, "__iter__"):
            raise InputError(f"weights: {weights!r} must be a sequence of numbers")
        array = weights if isinstance(weights, np.ndarray) else list(weights)
        if isinstance(array, np.ndarray) and array.ndim != 1:
            raise InputError(f"weights: must be one-dimensional, got shape {array.shape}")
        if len(array) == 0:
            raise InputError("weights: is empty; give at least one weight")
        self._scaled, self.scale = _to_integers(array)
        digest = hashlib.sha256(str(self.scale).encode())
        for start in range(0, len(self._scaled), 4096):
            digest.update(",".join(map(str, self._scaled[start : start + 4096])).encode())
        self._digest = digest.hexdigest()[:16]
        self._data: dict[int, np.ndarray] = {}
        self._ends: dict[int, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._scaled)

    @property
    def key(self) -> str:
        if len(self) <= 8:
            shown = f"Linear(weights=[{', '.join(str(Fraction(w) / self.scale) for w in self._scaled)}])"
            if len(shown) <= 100:
                return shown
        return f"Linear(weights=<{len(self)} weights, sha256 {self._digest}>)"

    def parameters(self) -> dict[str, list[Fraction]]:
        """What the constructor was given, exactly."""
        return {"weights": self.weights(len(self))}

    def weights(self, n: int) -> list[Fraction]:
        """The first n weights in exact arithmetic, in the user's signs."""
        return [Fraction(w) / self.scale for w in self._scaled[:n]]

    def check(self, n):
        if n > len(self):
            raise InputError(f"n: {n} bits need {n} weights, but weights has {len(self)}")

    def data(self, n):
        if n not in self._data:
            absolute = [abs(w) for w in self._scaled[:n]]
            if sum(absolute) < 1 << 62:
                matrix = np.array(absolute, dtype=np.int64).reshape(n, 1)
            else:
                limbs = -(-max(absolute).bit_length() // LIMB)
                mask = (1 << LIMB) - 1
                matrix = np.array(
                    [[(w >> (LIMB * (limbs - 1 - j))) & mask for j in range(limbs)] for w in absolute], dtype=np.int64
                )
            self._data = {n: matrix}  # the latest n only: these can be large
        return self._data[n]

    def optimum(self, n):
        return np.array([w > 0 for w in self._scaled[:n]], dtype=np.uint8)

    def _sums(self, n: int) -> tuple[int, int]:
        """The sums of the first n scaled weights that are negative, and of the positive ones."""
        if n not in self._ends:
            first = self._scaled[:n]
            self._ends = {n: (sum(w for w in first if w < 0), sum(w for w in first if w > 0))}  # the latest n only
        return self._ends[n]

    def value_range(self, n):
        low, high = self._sums(n)
        return (float(low / self.scale), float(high / self.scale))

    def check_value(self, n):
        low, high = self._sums(n)
        if (high - low).bit_length() > 1000:
            raise InputError("weights: span too many magnitudes for the fitness v to fit a float; use a rate or potential in k")

    def value_scale(self, n):
        return self.scale, Fraction(self._sums(n)[0]) / self.scale

    def value(self, x):
        """Exact fitness of a point in canonical form: positive weights count where its bit is 1, negative ones where it is 0."""
        return Fraction(sum(w for w, bit in zip(self._scaled, x, strict=False) if bool(bit) == (w > 0))) / self.scale


def _to_integers(array) -> tuple[list[int], Fraction]:
    """Scale weights to integers without common factor; (integers, factor by which they were multiplied)."""
    if isinstance(array, np.ndarray) and array.dtype.kind in "iu":
        exact: list = array.tolist()
    elif isinstance(array, np.ndarray) and array.dtype == np.float64 and bool(np.isfinite(array).all()):
        return _scaled(*zip(*map(_decimal, array.tolist())))
    else:
        exact = [exact_weight(w, i) for i, w in enumerate(array)]
    denominator = lcm(*(w.denominator for w in exact))
    return _reduced([w.numerator * (denominator // w.denominator) for w in exact], Fraction(denominator))


def _decimal(weight: float) -> tuple[int, int]:
    """Integer m and exponent e with weight = m 10^e, for the decimal number that the weight prints as.

    >>> _decimal(-0.25), _decimal(1e22)
    ((-25, -2), (1, 22))
    """
    mantissa, _, exponent = repr(weight).partition("e")
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction), int(exponent or 0) - len(fraction)


def _scaled(mantissas: tuple[int, ...], exponents: tuple[int, ...]) -> tuple[list[int], Fraction]:
    lowest = min(exponents)
    powers = [10**i for i in range(max(exponents) - lowest + 1)]
    return _reduced([m * powers[e - lowest] for m, e in zip(mantissas, exponents)], Fraction(10) ** -lowest)


def _reduced(integers: list[int], scale: Fraction) -> tuple[list[int], Fraction]:
    """Divide by the common factor; a zero is refused."""
    if 0 in integers:
        i = integers.index(0)
        raise InputError(f"weights: weight {i} (counted from 0) is zero; leave the bit out (zero weights are a hidden subset)")
    common = gcd(*integers)
    return [w // common for w in integers], scale / common


def exact_weight(weight: object, index: int = 0) -> int | Fraction:
    """The number that a weight stands for; a float is the decimal number that it prints as.

    >>> exact_weight(0.1), exact_weight("1e3")
    (Fraction(1, 10), Fraction(1000, 1))
    """
    if isinstance(weight, (bool, np.bool_)):
        raise InputError(f"weights: weight {index} (counted from 0) is {weight}, not a number")
    if isinstance(weight, (int, np.integer)):
        return int(weight)
    if isinstance(weight, Rational):
        return Fraction(int(weight.numerator), int(weight.denominator))
    if isinstance(weight, (float, np.floating)):
        if not isfinite(weight):
            raise InputError(f"weights: weight {index} (counted from 0) is {weight}; weights must be finite")
        return Fraction(Decimal(repr(float(weight)) if isinstance(weight, (float, np.float64)) else str(weight)))
    try:
        decimal = Decimal(str(weight).strip())
    except ArithmeticError:
        raise InputError(f"weights: weight {index} (counted from 0) is {weight!r}, not a number") from None
    if not decimal.is_finite():
        raise InputError(f"weights: weight {index} (counted from 0) is {weight}; weights must be finite")
    if abs(decimal.adjusted()) > _LARGEST_EXPONENT:
        raise InputError(
            f"weights: weight {index} (counted from 0) is {weight}; exponents go from -{_LARGEST_EXPONENT} to {_LARGEST_EXPONENT}"
        )
    return Fraction(decimal)
