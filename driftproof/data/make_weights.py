"""Make weights.csv: 10 000 log-normal weights (mu = 0, sigma = 1), rounded to six digits, none zero.

``python driftproof/data/make_weights.py`` writes the file beside this one again.
"""

from __future__ import annotations

import random
from pathlib import Path

COUNT, SEED = 10_000, 20160810


def weights() -> list[str]:
    """The weights as decimal texts.

    >>> weights()[:3]
    ['0.664644', '1.326394', '0.249935']
    """
    generator = random.Random(SEED)
    drawn = (f"{generator.lognormvariate(0.0, 1.0):.6f}" for _ in range(2 * COUNT))
    return [weight for weight in drawn if float(weight) != 0][:COUNT]


if __name__ == "__main__":
    Path(__file__).with_name("weights.csv").write_text("\n".join(["weight", *weights()]) + "\n")
