"""Problems: one file each. Adding one means adding a file and its line here."""

from theory.problems.base import Problem
from theory.problems.binval import BinVal
from theory.problems.custom import Custom
from theory.problems.jump import Jump
from theory.problems.leadingones import LeadingOnes
from theory.problems.linear import Linear
from theory.problems.needle import Needle
from theory.problems.onemax import OneMax

PROBLEMS: tuple[type[Problem], ...] = (OneMax, LeadingOnes, BinVal, Linear, Needle, Jump, Custom)

__all__ = ["BinVal", "Custom", "Jump", "LeadingOnes", "Linear", "Needle", "OneMax", "PROBLEMS", "Problem"]
