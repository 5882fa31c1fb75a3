"""Facts: the premises of a derivation, as data that a checker can evaluate again.

A fact says one thing that is true or false by itself: an inequality on a region, a bound on the drift of a process, the result of
a computation. :meth:`Fact.replay` finds out again, from the data alone, and says at which level:

=============  ====================================================================================================
``symbolic``   by the signs of terms, for all values
``balls``      by ball arithmetic, on a region or at points: rigorous there
``exact``      in fractions, at the finitely many values that are named
``numeric``    by numbers that point the right way (limits); no proof
``declared``   the user says so; a simulation can refute it
``cited``      a theorem of the literature
=============  ====================================================================================================

``holds`` is None where a fact can't be replayed (declared, cited, or a process that a document couldn't hold).
"""

from theory.facts.base import Fact, Outcome
from theory.facts.computation import Computation
from theory.facts.formulas import SLOWLY, Identity, Inequality, LimitFact, Monotone
from theory.facts.processes import CONSTANTS, SIZES, DriftFact, RuntimeFact, s
from theory.facts.stated import Cited, Declared

FACTS: tuple[type[Fact], ...] = (Inequality, Monotone, Identity, DriftFact, RuntimeFact, LimitFact, Computation, Declared, Cited)

__all__ = [
    "CONSTANTS", "FACTS", "SIZES", "SLOWLY", "Cited", "Computation", "Declared", "DriftFact", "Fact", "Identity", "Inequality",
    "LimitFact", "Monotone", "Outcome", "RuntimeFact", "s",
]  # fmt: skip
