"""IOHprofiler's folders for tests: recorded by ``ioh``, laid out by hand, read by a plain parser (no tests here)."""

from __future__ import annotations

import random

import ioh


def plain(path):
    """Rows of each run in a .dat file, read without our reader."""
    blocks = []
    for line in path.read_text().splitlines():
        if line.startswith("evaluations"):
            blocks.append([])
        else:
            blocks[-1].append(tuple(float(word) for word in line.split()))
    return blocks


def record_with_ioh(root, name, function, n, budget, repeats, instance=1, seed=1, **logger):
    """Let ioh record a (1+1) EA; returns for each run T, whether it hit, and the first T of each value, as the run itself saw."""
    rng = random.Random(seed)
    problem = ioh.get_problem(function, instance, n, ioh.ProblemClass.PBO)
    writer = ioh.logger.Analyzer(root=root, folder_name=name, algorithm_name="my EA", **logger)
    problem.attach_logger(writer)
    records = []
    for _ in range(repeats):
        x = [rng.randrange(2) for _ in range(n)]
        v, offspring, first = problem(x), 0, {}
        first[problem.state.current.y] = 0
        best = v
        while offspring < budget and not problem.state.optimum_found:
            y = [bit ^ (rng.random() < 1 / n) for bit in x]
            offspring, w = offspring + 1, problem(y)
            if w > best:
                best, first[w] = w, offspring
            if w >= v:
                x, v = y, w
        assert problem.state.evaluations == offspring + 1  # ioh counts the initial evaluation
        records.append((offspring, problem.state.optimum_found, first))
        problem.reset()
    writer.close()
    return records


FIRST = """suite = "PBO", funcId = 1, funcName = "OneMax", DIM = 4, maximization = "T", algId = "RLS, mine", algInfo = ""{more}
%
data_f1_OneMax/IOHprofiler_f1_DIM4.dat, 1:{one}|4{rate}, 1:9|3{rate}
"""
COLUMNS = '"function evaluation" "current f(x)" "best-so-far f(x)" "current af(x)+b" "best af(x)+b"{name}\n'


def first_version(folder, one=5, parameters=False, two_columns=False):
    """A folder of the first version, laid out as its description says."""
    head = COLUMNS.format(name=' "rate"' if parameters else "")
    lines = []
    for rows in (((1, 2, 2), (3, 3, 3), (5, 4, 4)), ((1, 3, 3), (9, 1, 3))):
        lines.append('"function evaluation" "best-so-far f(x)"\n' if two_columns else head)
        for t, v, best in rows:
            if two_columns:
                lines.append(f"{t}  +{best:.5e}\n")
            else:
                lines.append(f"{t} {v} {best} {2 * v + 1} {2 * best + 1}{' None' if parameters else ''}\n")
    data = folder / "data_f1_OneMax"
    data.mkdir(parents=True)
    (data / "IOHprofiler_f1_DIM4.dat").write_text("".join(lines))
    more, rate = (', dynamicAttribute = "rate"', ";0.5") if parameters else ("", "")
    (folder / "IOHprofiler_f1_OneMax.info").write_text(FIRST.format(one=one, more=more, rate=rate))
