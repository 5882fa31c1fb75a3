"""The entropy-compression argument, run for real: the random choices of a (1+1) EA to bytes, and back to the identical run.

J. Lengler, A. Martinsson, A. Steger, *When does hillclimbing fail on monotone functions: an entropy compression argument*, ANALCO
2019 (arXiv 1808.01137), prove that the (1+1) EA with rate c/n, c a little above 1, finds the optimum of every strictly monotone
function in O(n log^2 n) expected steps: a long run would compress its own random bits. What stands here is a RECONSTRUCTION of
such an argument, not the paper's encoding, and its constants (:mod:`theory.monotone.certificate`) aren't the paper's.

To learn it from the code, read

1. :mod:`proofs_check.codec.exact_code`: the law Q_y of what happened in the round that ended in y, and the gain R(y);
2. :mod:`proofs_check.codec.kraft`: why no event of long runs can be likelier than 2^-(what it saves);
3. :mod:`proofs_check.codec.lemma`: where one fixed f comes in, and why it fails for functions that change;
4. :mod:`proofs_check.codec.pair_code`: the same in polynomial time; :mod:`proofs_check.codec.coders`: from laws to bytes;
5. :mod:`proofs_check.codec.measuring`: ln R and the growth of z along runs, beside the certificate's lines.

>>> from proofs_check.codec import decode, encode, record
>>> from theory import OneMax
>>> run = record(OneMax(), n=100, rounds=500, c=1, start=10, seed=1)
>>> code = encode(OneMax(), run)
>>> decode(OneMax(), code) == run
True
>>> code.saving < 0, code.overhead < 128  # ordinary runs can't be compressed; the coder adds little
(True, True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from proofs_check.codec.against_rate import Average, averages, rate_figure
    from proofs_check.codec.codes import Code, decode, encode, saving
    from proofs_check.codec.exact_code import ExactCode
    from proofs_check.codec.functions import random_monotone
    from proofs_check.codec.kraft import kraft_sum, largest_tail, saving_law
    from proofs_check.codec.lemma import pair_fractions, violations
    from proofs_check.codec.measuring import Measured, exact_gain, measure
    from proofs_check.codec.recording import Run, record

_HOME = {
    "Average": "against_rate", "Code": "codes", "ExactCode": "exact_code", "Measured": "measuring", "Run": "recording",
    "averages": "against_rate", "decode": "codes", "encode": "codes", "exact_gain": "measuring", "kraft_sum": "kraft",
    "largest_tail": "kraft", "measure": "measuring", "pair_fractions": "lemma", "random_monotone": "functions",
    "rate_figure": "against_rate", "record": "recording", "saving": "codes", "saving_law": "kraft", "violations": "lemma",
}  # fmt: skip

__all__ = [
    "Average", "Code", "ExactCode", "Measured", "Run", "averages", "decode", "encode", "exact_gain", "kraft_sum", "largest_tail",
    "measure", "pair_fractions", "random_monotone", "rate_figure", "record", "saving", "saving_law", "violations",
]  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _HOME)
