"""Problems: one file each. Adding one means adding a file and its line here."""

from theory.problems.base import Problem
from theory.problems.binval import BinVal
from theory.problems.colouring import GraphColouring
from theory.problems.concatenated_trap import ConcatenatedTrap
from theory.problems.custom import Custom
from theory.problems.dynamic_binval import DynamicBinVal
from theory.problems.dynamic_linear import DynamicLinear
from theory.problems.eulerian_cycle import EulerianCycle
from theory.problems.hidden_subset import HiddenSubset
from theory.problems.hottopic import HotTopic
from theory.problems.initial_segment import InitialSegment
from theory.problems.jump import Jump
from theory.problems.leading_blocks import DeceptiveLeadingBlocks
from theory.problems.leadingones import LeadingOnes
from theory.problems.linear import Linear
from theory.problems.max_cut import MaxCut
from theory.problems.needle import Needle
from theory.problems.onemax import OneMax
from theory.problems.partially_ordered import PartiallyOrderedEA
from theory.problems.plateau import Plateau
from theory.problems.royal_road import RoyalRoad
from theory.problems.spanning_tree import MinimumSpanningTree
from theory.problems.trap import Trap
from theory.problems.vertex_cover import VertexCover
from theory.problems.w_model import WModel

PROBLEMS: tuple[type[Problem], ...] = (
    OneMax, LeadingOnes, BinVal, Linear, Needle, Jump, Plateau, Trap, RoyalRoad, WModel, ConcatenatedTrap, DeceptiveLeadingBlocks,
    PartiallyOrderedEA, DynamicBinVal, DynamicLinear, HotTopic, HiddenSubset, InitialSegment, MaxCut, MinimumSpanningTree,
    VertexCover, GraphColouring, EulerianCycle, Custom,
)  # fmt: skip

__all__ = [
    "BinVal", "ConcatenatedTrap", "Custom", "DeceptiveLeadingBlocks", "DynamicBinVal", "DynamicLinear", "EulerianCycle",
    "GraphColouring", "HiddenSubset", "HotTopic", "InitialSegment", "Jump", "LeadingOnes", "Linear", "MaxCut",
    "MinimumSpanningTree", "Needle", "OneMax", "PROBLEMS", "PartiallyOrderedEA", "Plateau", "Problem", "RoyalRoad", "Trap",
    "VertexCover", "WModel",
]  # fmt: skip
