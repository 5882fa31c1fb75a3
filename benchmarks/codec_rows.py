"""The entropy-compression codec: recorded runs to bytes and back, by the 64-bit coder and by its big-integer reference."""

from __future__ import annotations

import time

from measure import Result

from theory import BinVal, OneMax

SIZE, ZEROS = 1000, 50


def recorded(problem, generations):
    """Runs from 50 zero-bits, each cut before the optimum, of that many generations together."""
    from proofs_check.codec import record

    runs, left, seed = [], generations, 0
    while left:
        runs.append(record(problem, n=SIZE, rounds=left, start=ZEROS, seed=seed))
        left, seed = left - runs[-1].rounds, seed + 1
    return runs


def seconds(problem, runs, coder):
    """(time to encode, time to decode, whether all came back, largest overhead in bits)."""
    from proofs_check.codec import decode, encode

    times = [time.perf_counter()]
    codes = [encode(problem, run, coder=coder) for run in runs]
    times.append(time.perf_counter())
    back = [decode(problem, code) for code in codes]
    times.append(time.perf_counter())
    return times[1] - times[0], times[2] - times[1], back == runs, max(code.overhead for code in codes)


def codec(quick: bool) -> list[Result]:
    """10^6 generations of OneMax and BinVal together (half of them each); the reference on a hundredth of that."""
    results = []
    for coder, total, limit in (("words", 100_000 if quick else 1_000_000, 60), ("integers", 10_000, None)):
        problems = (OneMax(), BinVal())
        runs = [recorded(problem, total // 2) for problem in problems]
        for problem, some in zip(problems, runs):
            seconds(problem, some[:1], coder)  # kernels, and tables by the number of zero-bits
        found = [seconds(problem, some, coder) for problem, some in zip(problems, runs)]
        encoding, decoding = sum(f[0] for f in found), sum(f[1] for f in found)
        overhead = max(f[3] for f in found)
        met = all(f[2] for f in found) and overhead <= 128
        text = f"{encoding:.2f} s + {decoding:.2f} s; overhead at most {overhead:.0f} bits a run"
        if limit is not None:
            target, done = f"< {limit} s, identical, overhead <= 128 bits", met and encoding + decoding < limit
        else:
            target, done = "none", None
        what = (
            f"OneMax and BinVal, n = {SIZE}, from {ZEROS} zero-bits, {total:,} generations together, encoded + decoded, {coder}"
        )
        details = {
            "generations": total,
            "runs": sum(map(len, runs)),
            "encode_s": encoding,
            "decode_s": decoding,
            "identical": met,
        }
        results.append(Result("codec", what, target, text, done, details))
    return results
