"""What is proved of learning, in the frame of runtime analysis: the same bounds, facts and drift theorems.

A result on learning is a :class:`theory.Bound` like any other: a quantity, a direction, an expression with its conditions, a
source and a derivation whose premises can be replayed. Its expression is written in symbols of its own (a dimension ``d``,
samples ``m``, a weight ``w``): each is a value that ``evaluate`` and ``holds_for`` take by its name. Where a real-valued process
carries the result, a drift theorem of :mod:`theory.drift` is applied to its drift: the error of a gradient estimate, the
logarithm of a posterior weight. Where nothing moves, the derivation is direct.

=========================  =======================================================================================
``es_alignment``           evolution strategies with past descent directions: laws, moments, steps to an accuracy
``rtrl_noise``             noise of unbiased Kronecker approximations of real-time recurrent learning
``rtrl_optimality``        OK against KF-RTRL, and the certificate that no unbiased Kronecker sum has less noise
``rtrl_variance``          the error of online gradients over time, with n units, and on a scalar chain
``one_step_attention``     the loss of one step of gradient descent in context
``game_values``            values of randomised algorithms against the worst input, with certificates
``majority_vote``          how often most of several answers are right
``bayesian_mixture``       what a predictor loses that mixes over a class with the truth in it
=========================  =======================================================================================

One idea is one file with a function ``bounds()``; :func:`bounds` here lists them all. A further result is a further file and a
line in ``FILES``.

Examples
--------
>>> label, bound = bounds()[0]
>>> print(label, "|", bound.quantity, bound.relation, bound.expr)
ES estimate, one step | E[C | S] = S + m*(1 - S)/(d - 1)
"""

from __future__ import annotations

import importlib

from theory.bound import Bound

FILES = (
    "es_alignment", "rtrl_noise", "rtrl_optimality", "rtrl_variance", "one_step_attention", "game_values", "majority_vote",
    "bayesian_mixture",
)  # fmt: skip

__all__ = ["FILES", "bounds"]


def bounds() -> list[tuple[str, Bound]]:
    """Every bound on learning, each with a label that says of what.

    Returns
    -------
    list of (str, Bound)
        In the order of the files. Labels may repeat: several bounds speak of one thing.
    """
    return [pair for name in FILES for pair in importlib.import_module(f"theory.learning.{name}").bounds()]
