"""Tests of laws by samples: p-values of "these two samples have one law" and "this sample has that law" (no tests here)."""

from __future__ import annotations

import numpy as np
from scipy import stats

LEAST = 10  # smallest expected count of a class in a chi-square test


def same_law(a: np.ndarray, b: np.ndarray) -> list[float]:
    """Kolmogorov-Smirnov (conservative for counts) and chi-square on classes of the pooled sample."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if np.isnan(a).any() or np.isnan(b).any():
        assert np.isnan(a).any() and np.isnan(b).any()
        a, b = np.nan_to_num(a, nan=-1.0), np.nan_to_num(b, nan=-1.0)
    values, counts = np.unique(np.concatenate([a, b]), return_counts=True)
    if len(values) == 1:
        return []  # both are that constant
    share = min(len(a), len(b)) / (len(a) + len(b))
    edges = values[_classes(counts * share)]
    table = np.array([np.bincount(np.searchsorted(edges, x, side="left"), minlength=len(edges)) for x in (a, b)])
    p = [float(stats.ks_2samp(a, b, method="asymp").pvalue)]
    if table.shape[1] > 1:
        p.append(float(stats.chi2_contingency(table, correction=False).pvalue))
    return p


def has_law(sample: np.ndarray, pmf: np.ndarray) -> float:
    """Chi-square test of a sample of 0, 1, 2, ... against a probability mass function; what is missing in it lies above."""
    pmf = np.append(pmf, max(0.0, 1.0 - float(np.sum(pmf))))
    counts = np.bincount(np.minimum(sample, len(pmf) - 1), minlength=len(pmf))
    assert counts[pmf <= 0].sum() == 0, "an impossible value"
    ends = _classes(pmf * len(sample))
    starts = np.concatenate([[0], ends[:-1] + 1])
    observed, expected = np.add.reduceat(counts, starts), np.add.reduceat(pmf, starts) * len(sample)
    return float(stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue)


def _classes(expected: np.ndarray) -> np.ndarray:
    """Last indices of neighbouring classes, each of at least LEAST in expectation."""
    ends, total = [], 0.0
    for i, e in enumerate(expected):
        total += e
        if total >= LEAST:
            ends.append(i)
            total = 0.0
    if not ends:
        return np.array([len(expected) - 1])
    ends[-1] = len(expected) - 1
    return np.array(ends)
