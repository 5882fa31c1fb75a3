"""The papers, by the short names that ``--paper`` takes, and where those with claims are to be found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """What a reader needs to find a paper."""

    title: str
    citation: str
    about: str = ""


PAPERS = (
    "catalogue", "drift-revisited", "monotone-entropy", "hidden-subset", "kf-rtrl", "ok-rtrl", "fs-rnn", "decoupled-hrnn",
    "random-init-permutation", "es-past-descent", "gated-rnn-attention", "modular-solutions", "internal-rl",
    "randomized-transformers", "embedded-universal-agents",
)  # fmt: skip

WITH_CLAIMS = {
    "drift-revisited": Paper(
        "Drift Analysis and Evolutionary Algorithms Revisited",
        "J. Lengler, A. Steger. Combinatorics, Probability and Computing 27(5), 2018; arXiv 1608.03226",
        "The (1+1) EA with mutation rate c/n on linear and on monotone functions, and the drift theorems behind the bounds.",
    ),
    "monotone-entropy": Paper(
        "When Does Hillclimbing Fail on Monotone Functions: an entropy compression argument",
        "J. Lengler, A. Martinsson, A. Steger. ANALCO 2019; arXiv 1808.01137",
        "Up to a rate c_0/n with some c_0 > 1 the (1+1) EA optimises every monotone function in O(n log² n). The encoding behind "
        "the claims below is a reconstruction from the abstract, not the paper's own.",
    ),
    "hidden-subset": Paper(
        "The linear hidden subset problem for the (1+1) EA with scheduled and adaptive mutation rates",
        "H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger. GECCO 2018; arXiv 1808.05566",
        "Linear functions of which only n unknown bits count, with mutation rates that follow a schedule or adapt.",
    ),
    "kf-rtrl": Paper(
        "Approximating Real-Time Recurrent Learning with Random Kronecker Factors",
        "A. Mujika, F. Meier, A. Steger. NeurIPS 2018; arXiv 1805.10842",
        "Gradients of recurrent networks forwards in time, the influence matrix kept as one random Kronecker product: unbiased, "
        "with noise that stays bounded in time and is of lower order in the number of units than UORO's.",
    ),
    "ok-rtrl": Paper(
        "Optimal Kronecker-Sum Approximation of Real Time Recurrent Learning",
        "F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger. ICML 2019; arXiv 1902.03993",
        "The same with a sum of r Kronecker products, and in each step the least noise of all unbiased ones.",
    ),
    "catalogue": Paper(
        "The catalogue of bounds",
        "driftproof's own list of runtime bounds, each with its source",
        "Bounds on runtimes that theory/ derives, held against exact values and against simulation.",
    ),
}  # fmt: skip
