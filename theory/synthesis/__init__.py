"""Potential synthesis: the potential in a template that gives the best bound, by linear programmes, checked without error.

:func:`synthesise` is the front door, also as ``theory.synthesise``. The parts, in the order in which they work: ``models`` (the
chain of a process), ``templates``, ``programme`` (the linear programmes), ``search`` (delta), ``certify`` (what is proved, as
functions of data), ``infeasible`` (when nothing works).
"""

from theory.synthesis.front import synthesise
from theory.synthesis.infeasible import NoPotential
from theory.synthesis.result import Synthesised
from theory.synthesis.templates import Basis, Bits, Concave, Levels, States, Template

__all__ = ["Basis", "Bits", "Concave", "Levels", "NoPotential", "States", "Synthesised", "Template", "synthesise"]
