"""The publications that the theorems and bounds come from, each with its BibTeX entry."""

from __future__ import annotations

from theory.bound import Source


def _entry(kind: str, key: str, **fields: str) -> str:
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


HE_YAO = Source(
    "additive drift (He, Yao 2001)",
    _entry("article", "HeYao2001", author="He, Jun and Yao, Xin",
           title="Drift analysis and average time complexity of evolutionary algorithms",
           journal="Artificial Intelligence", volume="127", number="1", pages="57--85", year="2001"),
)  # fmt: skip
DOERR_JOHANNSEN_WINZEN = Source(
    "multiplicative drift (Doerr, Johannsen, Winzen 2012)",
    _entry("article", "DoerrJohannsenWinzen2012", author="Doerr, Benjamin and Johannsen, Daniel and Winzen, Carola",
           title="Multiplicative drift analysis", journal="Algorithmica", volume="64", number="4", pages="673--697", year="2012"),
)  # fmt: skip
DOERR_GOLDBERG = Source(
    "multiplicative drift, tail (Doerr, Goldberg 2013)",
    _entry("article", "DoerrGoldberg2013", author="Doerr, Benjamin and Goldberg, Leslie Ann",
           title="Adaptive drift analysis", journal="Algorithmica", volume="65", number="1", pages="224--250", year="2013"),
)  # fmt: skip
JOHANNSEN = Source(
    "variable drift (Johannsen 2010)",
    _entry("phdthesis", "Johannsen2010", author="Johannsen, Daniel",
           title="Random combinatorial structures and randomized search heuristics",
           school="Universit{\\\"a}t des Saarlandes, Saarbr{\\\"u}cken", year="2010"),
)  # fmt: skip
WEGENER = Source(
    "fitness levels (Wegener 2001)",
    _entry("inproceedings", "Wegener2001", author="Wegener, Ingo",
           title="Theoretical aspects of evolutionary algorithms",
           booktitle="Automata, Languages and Programming (ICALP)", series="Lecture Notes in Computer Science", volume="2076",
           pages="64--78", publisher="Springer", year="2001"),
)  # fmt: skip
DROSTE_JANSEN_WEGENER = Source(
    "fitness levels (Droste, Jansen, Wegener 2002)",
    _entry("article", "DrosteJansenWegener2002", author="Droste, Stefan and Jansen, Thomas and Wegener, Ingo",
           title="On the analysis of the (1+1) evolutionary algorithm",
           journal="Theoretical Computer Science", volume="276", number="1-2", pages="51--81", year="2002"),
)  # fmt: skip
WITT = Source(
    "Witt's potential (Witt 2013)",
    _entry("article", "Witt2013", author="Witt, Carsten",
           title="Tight bounds on the optimization time of a randomized search heuristic on linear functions",
           journal="Combinatorics, Probability and Computing", volume="22", number="2", pages="294--318", year="2013"),
)  # fmt: skip
BOETTCHER_DOERR_NEUMANN = Source(
    "sum over the levels (Böttcher, Doerr, Neumann 2010)",
    _entry("inproceedings", "BoettcherDoerrNeumann2010",
           author="B{\\\"o}ttcher, S{\\\"u}ntje and Doerr, Benjamin and Neumann, Frank",
           title="Optimal fixed and adaptive mutation rates for the {LeadingOnes} problem",
           booktitle="Parallel Problem Solving from Nature (PPSN XI)", series="Lecture Notes in Computer Science",
           volume="6238", pages="1--10", publisher="Springer", year="2010"),
)  # fmt: skip
GARNIER_KALLEL_SCHOENAUER = Source(
    "eigenvalues of mutation (cf. Garnier, Kallel, Schoenauer 1999)",
    _entry("article", "GarnierKallelSchoenauer1999",
           author="Garnier, Josselin and Kallel, Le{\\\"i}la and Schoenauer, Marc",
           title="Rigorous hitting times for binary mutations",
           journal="Evolutionary Computation", volume="7", number="2", pages="173--203", year="1999"),
)  # fmt: skip
COUPONS = Source("coupon collector")
MONOTONE = Source(
    "drift on strictly monotone functions (cf. Doerr, Jansen, Sudholt, Winzen, Zarges 2013)",
    _entry("article", "DoerrEtAl2013",
           author="Doerr, Benjamin and Jansen, Thomas and Sudholt, Dirk and Winzen, Carola and Zarges, Christine",
           title="Mutation rate matters even when optimizing monotonic functions",
           journal="Evolutionary Computation", volume="21", number="1", pages="1--27", year="2013"),
)  # fmt: skip
PESSIMIST = Source(
    "the pessimist's drift (cf. Jansen 2007)",
    _entry("inproceedings", "Jansen2007", author="Jansen, Thomas",
           title="On the brittleness of evolutionary algorithms",
           booktitle="Foundations of Genetic Algorithms (FOGA)", series="Lecture Notes in Computer Science", volume="4436",
           pages="54--69", publisher="Springer", year="2007"),
)  # fmt: skip
ENTROPY = Source(
    "entropy compression (Lengler, Martinsson, Steger 2019)",
    _entry("inproceedings", "LenglerMartinssonSteger2019", author="Lengler, Johannes and Martinsson, Anders and Steger, Angelika",
           title="When does hillclimbing fail on monotone functions: an entropy compression argument",
           booktitle="Analytic Algorithmics and Combinatorics (ANALCO)", publisher="SIAM", year="2019"),
)  # fmt: skip
HOTTOPIC = Source(
    "HotTopic (Lengler, Steger 2018; Lengler 2020)",
    _entry("article", "Lengler2020", author="Lengler, Johannes",
           title="A general dichotomy of evolutionary algorithms on monotone functions",
           journal="IEEE Transactions on Evolutionary Computation", volume="24", year="2020"),
)  # fmt: skip
