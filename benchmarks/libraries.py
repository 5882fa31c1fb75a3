"""The (1+1) EA on OneMax as users of ``ioh`` and of ``deap`` write it: run until the optimum, ties accepted.

ioh evaluates (its C++ OneMax of the PBO suite), numpy mutates with one vector of random numbers an offspring.
deap mutates and evaluates a list, by its own ``mutFlipBit`` and ``clone``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable


def ioh_run(n: int, seed: int) -> tuple[int, float]:
    """One run; (number of offspring, seconds)."""
    import ioh
    import numpy as np

    rng = np.random.default_rng(seed)
    problem = ioh.get_problem("OneMax", instance=1, dimension=n, problem_class=ioh.ProblemClass.PBO)
    begin = time.perf_counter()
    x = rng.integers(0, 2, n)
    fitness = problem(x)
    while not problem.state.optimum_found:
        y = x.copy()
        flip = rng.random(n) < 1 / n
        y[flip] = 1 - y[flip]
        offspring = problem(y)
        if offspring >= fitness:
            x, fitness = y, offspring
    return problem.state.evaluations - 1, time.perf_counter() - begin


def deap_run(n: int, seed: int) -> tuple[int, float]:
    """One run; (number of offspring, seconds)."""
    from deap import base, creator, tools

    if not hasattr(creator, "Fitness"):
        creator.create("Fitness", base.Fitness, weights=(1.0,))
        creator.create("Individual", list, fitness=creator.Fitness)
    toolbox = base.Toolbox()
    toolbox.register("bit", random.randint, 0, 1)
    toolbox.register("individual", tools.initRepeat, creator.Individual, toolbox.bit, n)
    toolbox.register("evaluate", lambda individual: (sum(individual),))
    toolbox.register("mutate", tools.mutFlipBit, indpb=1 / n)
    random.seed(seed)
    begin = time.perf_counter()
    x = toolbox.individual()
    x.fitness.values = toolbox.evaluate(x)
    t = 0
    while x.fitness.values[0] < n:
        y = toolbox.clone(x)
        toolbox.mutate(y)
        y.fitness.values = toolbox.evaluate(y)
        t += 1
        if y.fitness >= x.fitness:
            x = y
    return t, time.perf_counter() - begin


LIBRARIES: dict[str, Callable[[int, int], tuple[int, float]]] = {"ioh": ioh_run, "deap": deap_run}
