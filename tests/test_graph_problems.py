"""Problems on graphs: each says of a point what networkx says of the graph, and their hooks say the same as their definitions."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from theory import (
    RLS,
    EulerianCycle,
    GraphColouring,
    InputError,
    MaxCut,
    Metropolis,
    MinimumSpanningTree,
    OnePlusOneEA,
    VertexCover,
    exact,
    law,
    registry,
    t,
)  # fmt: skip
from theory.compile import specialise
from theory.problems.graphs import read_graph
from theory.problems.max_cut import largest_cut
from theory.problems.vertex_cover import smallest_cover
from theory.starts import read_start

EA = OnePlusOneEA("1/n")
PETERSEN = nx.petersen_graph()


def random_graph(seed, vertices=None, weighted=False):
    """Some edges, perhaps isolated vertices, labels that aren't numbers."""
    rng = random.Random(seed)
    graph = nx.gnp_random_graph(vertices or rng.randint(2, 9), rng.uniform(0.2, 0.9), seed=seed)
    graph.add_edge(0, 1)
    if weighted:
        for edge in graph.edges:
            graph.edges[edge]["weight"] = rng.choice([rng.randint(1, 4), round(rng.random(), 2) + 0.01, rng.random() + 1e-9])
    return nx.relabel_nodes(graph, {u: f"v{u}" for u in graph})


def euler_graph(seed, vertices=7):
    """Connected, all degrees even: the union of closed walks through vertex 0 that repeat no edge."""
    rng = random.Random(seed)
    graph = nx.Graph()
    while graph.number_of_edges() < 9:
        cycle = [0, *rng.sample(range(1, vertices), rng.randint(2, 5))]
        edges = list(zip(cycle, [*cycle[1:], 0]))
        if not any(graph.has_edge(*edge) for edge in edges):
            graph.add_edges_from(edges)
    return graph


def points(problem, seed, number=20, letters=2):
    rng = np.random.default_rng(seed)
    return rng.integers(0, letters, (number, problem.fixed_n)).astype(np.uint8)


# ---- the readable definitions against networkx


@pytest.mark.parametrize("seed", range(8))
def test_max_cut_counts_the_edges_that_networkx_cuts(seed):
    graph = random_graph(seed)
    problem, labels = MaxCut(graph), list(graph)
    for x in points(problem, seed):
        side = {label for label, bit in zip(labels, x) if bit}
        assert problem.value(x) == nx.cut_size(graph, side)


@pytest.mark.parametrize("seed", range(8))
def test_a_vertex_cover_leaves_an_independent_set_and_uncovered_edges_count_first(seed):
    graph = random_graph(seed)
    problem, labels = VertexCover(graph), list(graph)
    seen = []
    for x in points(problem, seed):
        chosen = [label for label, bit in zip(labels, x) if bit]
        uncovered = graph.subgraph(set(labels) - set(chosen)).number_of_edges()
        seen.append(((-uncovered, -len(chosen)), problem.value(x)))
    for (a, v), (b, w) in itertools.product(seen, repeat=2):
        assert (a < b) == (v < w) and (a == b) == (v == w)


@pytest.mark.parametrize("seed", range(8))
def test_a_colouring_with_all_edges_proper_is_one_for_networkx(seed):
    graph = random_graph(seed)
    labels, greedy = list(graph), nx.greedy_color(graph)
    problem = GraphColouring(graph, colours=max(2, max(greedy.values()) + 1))
    assert problem.value([greedy[label] for label in labels]) == problem.target(problem.fixed_n) == graph.number_of_edges()
    for x in points(problem, seed, letters=problem.letters):
        colour = dict(zip(labels, x))
        assert problem.value(x) == graph.number_of_edges() - sum(colour[u] == colour[v] for u, v in graph.edges)


@pytest.mark.parametrize("seed", range(8))
def test_a_spanning_tree_is_judged_by_its_components_and_then_its_exact_weight(seed):
    graph = random_graph(seed, weighted=True)
    problem, labels = MinimumSpanningTree(graph), list(graph)
    weight = {frozenset((u, v)): Fraction(str(w)) for u, v, w in graph.edges(data="weight", default=1)}
    edges = [(labels[u], labels[v]) for u, v in problem.graph.edges]
    seen = []
    for x in points(problem, seed):
        chosen = [edge for edge, bit in zip(edges, x) if bit]
        part = nx.Graph(chosen)
        part.add_nodes_from(labels)
        total = sum((weight[frozenset(edge)] for edge in chosen), Fraction(0))
        seen.append(((-nx.number_connected_components(part), -total), problem.value(x)))
        if nx.number_connected_components(part) == nx.number_connected_components(graph):
            assert problem.value(x) == -total
    for (a, v), (b, w) in itertools.product(seen, repeat=2):
        assert (a < b) == (v < w) and (a == b) == (v == w)
    tree = nx.minimum_spanning_tree(graph)
    assert problem.target(problem.fixed_n) == -sum(weight[frozenset(edge)] for edge in tree.edges)
    best = [int(tree.has_edge(*edge)) for edge in edges]
    assert problem.value(best) == problem.target(problem.fixed_n)


@pytest.mark.parametrize("seed", range(6))
def test_walks_are_those_of_a_graph_of_edge_ends(seed):
    problem = EulerianCycle(euler_graph(seed))
    ends = problem.data(problem.fixed_n)
    rng = random.Random(seed)
    values = set()
    for _ in range(30):
        partner = np.empty(2 * problem.fixed_n, np.int64)
        walks = nx.Graph()
        for u in range(len(problem.graph.vertices)):
            here = list(ends[1, ends[0, u] : ends[0, u + 1]])
            assert sorted(problem.graph.edges.ravel()[here]) == [u] * len(here) and (ends[2, here] == u).all()
            rng.shuffle(here)
            for a, b in zip(here[::2], here[1::2]):
                partner[a], partner[b] = b, a
                walks.add_edge(a, b)
        walks.add_edges_from((2 * i, 2 * i + 1) for i in range(problem.fixed_n))
        values.add(problem.value(partner))
        assert problem.value(partner) == -nx.number_connected_components(walks)
    assert max(values) <= -1 and len(values) > 1
    cycle = list(nx.eulerian_circuit(problem.graph.networkx()))
    number = {edge: i for i, edge in enumerate(map(tuple, problem.graph.edges.tolist()))}
    passed = [(2 * number[min(u, v), max(u, v)] + (u > v), 2 * number[min(u, v), max(u, v)] + (u < v)) for u, v in cycle]
    partner = np.empty(2 * problem.fixed_n, np.int64)
    for (_, arrives), (leaves, _) in zip(passed, [*passed[1:], passed[0]]):
        partner[arrives], partner[leaves] = leaves, arrives
    assert problem.value(partner) == -1 == problem.target(problem.fixed_n)


# ---- the hooks against the readable definitions


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """A template that does nothing but call the hooks."""
    path = tmp_path_factory.mktemp("templates") / "probe.py"
    path.write_text(
        "from theory.hooks import compare, judge, optimal, value\nfrom theory.jit import kernel\n"
        "@kernel\ndef probe(x, y, flips, m, letters, data, target):\n"
        "    v = value(x, data)\n"
        "    sign, after = judge(x, flips, m, letters, 0, v, data)\n"
        "    return v, compare(y, x, data), sign, after, value(y, data), optimal(0, after, target)\n"
    )
    return path


def check(problem, probe, seed, pairs=25):
    """Values, comparison and judgement of random sets of flips."""
    n, letters = problem.fixed_n, problem.letters
    module = specialise(probe, {}, problem.hooks, problem.user)
    data, (scale, offset) = problem.data(n), problem.value_scale(n)
    end = float((exact_number(problem.target(n)) - offset) * scale)
    rng = np.random.default_rng(seed)
    for x in points(problem, seed, pairs, letters):
        before = x.copy()
        flips = rng.permutation(n)[: rng.integers(1, n + 1)].astype(np.int64)
        y = x.copy()
        y[flips] = (y[flips] + rng.integers(1, letters, len(flips))) % letters
        new = y[flips].copy()
        ups = new.copy() if problem.space == "colours" else int((x[flips] == 0).sum())
        v, compared, sign, after, again, done = module.probe(x, y, flips, len(flips), ups, data, end)
        fx, fy = problem.value(x), problem.value(y)
        assert compared == sign == (fy > fx) - (fy < fx)
        assert v == pytest.approx(float((fx - offset) * scale), rel=1e-12) and after == again
        assert after == pytest.approx(float((fy - offset) * scale), rel=1e-12)
        assert done == (fy >= problem.target(n))
        assert np.array_equal(x, before) and (problem.space == "bits" or np.array_equal(ups, new))


def exact_number(value):
    return Fraction(value)


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 10**6))
def test_the_hooks_of_cuts_covers_and_colourings_agree_with_their_definitions(seed, probe):
    graph = random_graph(seed)
    for problem in (MaxCut(graph), VertexCover(graph), GraphColouring(graph, 2 + seed % 4)):
        check(problem, probe, seed)


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 10**6), fine=some.booleans())
def test_the_hooks_of_spanning_trees_agree_with_their_definition(seed, fine, probe):
    graph = random_graph(seed, weighted=True)
    if fine:  # weights in several limbs: differences far below a float's last digit
        for j, edge in enumerate(graph.edges):
            graph.edges[edge]["weight"] = Fraction(10**30 + seed % 7 + j % 3, 10 ** (7 * (j % 2)))
        graph.edges["v0", "v1"]["weight"] = Fraction(1, 7)
    problem = MinimumSpanningTree(graph)
    assert problem.data(problem.fixed_n).shape[0] > 3 or not fine or problem.fixed_n == 1
    check(problem, probe, seed)


def test_weights_beyond_doubles_still_decide():
    graph = [(0, 1, 10**40), (0, 2, 10**40 + 1), (1, 2, 10**40 + 2)]
    problem = MinimumSpanningTree(graph)
    law_of_t = exact.expected_runtime(RLS(2).on(problem), start=[0, 1, 1])
    assert problem.value([1, 1, 0]) > problem.value([1, 0, 1]) > problem.value([0, 1, 1])
    assert law_of_t == 3.0  # of the three pairs only {0, 2}, reaches the optimum; {0, 1} leads to a tree from where {1, 2} does


def test_the_walks_that_kernels_count_are_those_of_the_definition():
    for seed in range(4):
        problem = EulerianCycle(euler_graph(seed))
        rng = np.random.default_rng(seed)
        value = __import__("theory.problems.eulerian_cycle", fromlist=["value"]).value
        data, n = problem.data(problem.fixed_n), problem.fixed_n
        for _ in range(20):
            partner = np.empty(2 * n, np.int64)
            for u in range(len(problem.graph.vertices)):
                here = rng.permutation(data[1, data[0, u] : data[0, u + 1]])
                partner[here[::2]], partner[here[1::2]] = here[1::2], here[::2]
            assert value(partner, data) == problem.value(partner)


# ---- optima


@pytest.mark.parametrize("seed", range(12))
def test_the_largest_cut_and_the_smallest_cover_of_small_graphs(seed):
    graph = read_graph(random_graph(seed))
    n, edges = len(graph.vertices), graph.edges.tolist()
    everything = list(itertools.product((0, 1), repeat=n))
    assert largest_cut(graph) == max(sum(x[u] != x[v] for u, v in edges) for x in everything)
    assert smallest_cover(graph) == min(sum(x) for x in everything if all(x[u] or x[v] for u, v in edges))


def test_optima_of_large_graphs_are_known_where_their_parts_are_simple():
    assert MaxCut("cycle(101)").target(101) == 100
    assert MaxCut("grid(30, 40)").target(1200) == 30 * 39 + 40 * 29
    chain = nx.Graph()  # fifty complete graphs of five vertices, each sharing a vertex with the next: 6 of 10 edges of each
    for i in range(50):
        chain.add_edges_from(itertools.combinations(range(4 * i, 4 * i + 5), 2))
    assert MaxCut(chain).target(201) == 300
    cover = VertexCover("star(1000)")
    assert cover.target(1001) == 1002 * 1000 + 1000
    with pytest.raises(InputError, match="^target: the largest cut of this graph is not known; give target="):
        MaxCut("complete(21)")
    with pytest.raises(InputError, match="^target: the smallest cover of this graph is not known; give target="):
        VertexCover("complete(21)")
    assert MaxCut("complete(21)", target=110).target(21) == 110
    assert VertexCover("complete(21)", target=20).target(21) == 22 * 210 + 1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: MaxCut("complete(4)", target=5), "target: no cut has 5 edges; the largest has 4"),
        (lambda: MaxCut("complete(4)", target=7), "target: 7 must be an integer from 0 to 6"),
        (lambda: MaxCut("complete(4)", target=2.5), "target: 2.5 must be an integer"),
        (lambda: MaxCut("complete(4)", target=True), "target: True must be an integer"),
        (lambda: VertexCover("complete(4)", target=2), "target: 2 vertices cover this graph never; the smallest cover has 3"),
        (lambda: VertexCover("complete(4)", target=-1), "target: -1 must be an integer from 0 to 4"),
        (lambda: GraphColouring("complete(4)", colours=1), "colours: 1 must be from 2 to 255"),
        (lambda: GraphColouring("complete(4)", colours="x"), "colours: 'x' must be a positive integer"),
        (lambda: GraphColouring("complete(4)", 3, target=7), "target: 7 must be an integer from 0 to 6"),
        (lambda: MinimumSpanningTree("cycle(3)", weight=3), "weight: 3 must be the name"),
        (lambda: EulerianCycle("path(3)"), "graph: vertex 0 has the degree 1; an Eulerian cycle needs even ones"),
        (lambda: EulerianCycle(nx.Graph([(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)])), "graph: is not connected"),
        (lambda: MaxCut(nx.DiGraph([(0, 1)])), "graph: is directed; give an undirected one"),
        (lambda: MaxCut(nx.MultiGraph([(0, 1), (0, 1)])), "graph: is a multigraph"),
        (lambda: MaxCut(nx.Graph([(0, 1), (2, 2)])), "graph: has a loop at 2"),
        (lambda: MaxCut(nx.Graph()), "graph: has no vertices"),
        (lambda: MaxCut([]), "graph: has no vertices"),
        (lambda: MaxCut(nx.empty_graph(3)), "graph: has no edges"),
        (lambda: MaxCut(7), "graph: 7 must be a networkx graph, a list of edges"),
        (lambda: MaxCut(None), "graph: None must be a networkx graph"),
        (lambda: MaxCut([1, 2]), "graph: 1 is not an edge"),
        (lambda: MaxCut([(1, 2, 3, 4)]), r"graph: \(1, 2, 3, 4\) is not an edge"),
        (lambda: MaxCut([([], 2)]), r"graph: \(\[\], 2\) is not an edge"),
        (lambda: MaxCut([(1, 2), (2, 1)]), "graph: has the edge 2, 1 twice"),
        (lambda: MinimumSpanningTree([(1, 2, float("nan"))]), "graph: edge 1, 2 has the weight nan, but weights must be"),
        (lambda: MinimumSpanningTree([(1, 2, 0)]), "graph: edge 1, 2 has the weight 0"),
        (lambda: MinimumSpanningTree([(1, 2, -1)]), "graph: edge 1, 2 has the weight -1"),
        (lambda: MinimumSpanningTree([(1, 2, "heavy")]), "graph: edge 1, 2 has the weight 'heavy'"),
        (lambda: MinimumSpanningTree([(1, 2, 1e-300), (2, 3, 1e300)]), "graph: the weights span too many magnitudes"),
        (lambda: MaxCut("circle(3)"), r"graph: unknown graph 'circle\(3\)'; did you mean cycle\?"),
        (lambda: MaxCut("cycle"), r"graph: 'cycle' must be cycle\(vertices\)"),
        (lambda: MaxCut("cycle(x)"), r"graph: the vertices 'x' in 'cycle\(x\)' must be an integer from 1"),
        (lambda: MaxCut("random(5, 1.5, 1)"), "graph: the probability '1.5' .* must be a probability"),
        (lambda: MaxCut("regular(3, 5, 1)"), r"graph: there is no 'regular\(3, 5, 1\)'"),
        (lambda: MaxCut("complete(100000)"), r"graph: 'complete\(100000\)' has too many edges"),
        (lambda: MaxCut("cycle(__import__('os').getpid())"), "graph: unknown graph"),
        (lambda: EA.on(MaxCut("cycle(4)")).values(n=5), "n: 5 is not what the graph of MaxCut fixes, n = 4; leave n out"),
        (lambda: Metropolis(2).on(GraphColouring("cycle(4)", 3)), "algorithm: Metropolis.* works on bits; on GraphColouring use"),
        (lambda: OnePlusOneEA("1/(k+1)").on(EulerianCycle("cycle(4)")), "rate: 1/.* depends on k"),
        (lambda: read_start("zeros", EulerianCycle("cycle(4)"), 4), "start: 'zeros' must be 'uniform' on EulerianCycle"),
        (lambda: read_start([0, 1, 2, 3], GraphColouring("cycle(4)", 3), 4), "start: .* an array of 4 colours from 0 to 2"),
        (lambda: read_start(2, GraphColouring("cycle(4)", 3), 4), "start: 2 must be 'uniform' or an array of 4 colours"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(make, says):
    with pytest.raises(InputError, match=f"^{says}") as caught:
        make()
    assert "\n" not in str(caught.value)


# ---- keys, names and files


def test_the_key_tells_graphs_apart_and_no_more():
    assert MaxCut(nx.cycle_graph(5)).key == MaxCut("cycle(5)").key == MaxCut([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]).key
    assert MaxCut(nx.cycle_graph(5)).key != MaxCut("path(5)").key != MaxCut("path(5)", target=3).key
    light, heavy = [(0, 1, 0.5), (1, 2, 1)], [(0, 1, 1), (1, 2, 2)]
    assert MinimumSpanningTree(light).key != MinimumSpanningTree(heavy).key != MinimumSpanningTree([(0, 1, 2), (1, 2, 1)]).key
    assert MaxCut(light).key == MaxCut(heavy).key  # a cut doesn't weigh
    isolated = nx.path_graph(3)
    isolated.add_node(3)
    assert MaxCut(isolated).key != MaxCut(nx.path_graph(3)).key


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("cycle(5)", nx.cycle_graph(5)), ("path(4)", nx.path_graph(4)), ("complete(4)", nx.complete_graph(4)),
        ("star(3)", nx.star_graph(3)), ("complete_bipartite(2, 3)", nx.complete_bipartite_graph(2, 3)),
        ("complete-bipartite(2,3)", nx.complete_bipartite_graph(2, 3)), ("grid(2, 3)", nx.grid_2d_graph(2, 3)),
        ("Torus(3, 4)", nx.grid_2d_graph(3, 4, periodic=True)), ("hypercube(3)", nx.hypercube_graph(3)),
        ("tree(9, 4)", nx.random_labeled_tree(9, seed=4)), ("random(9, 1/2, 4)", nx.fast_gnp_random_graph(9, 0.5, seed=4)),
        ("regular(3, 8, 4)", nx.random_regular_graph(3, 8, seed=4)),
    ],
)  # fmt: skip
def test_graphs_have_names(name, graph):
    assert read_graph(name).key == read_graph(graph).key


def test_a_graph_is_read_from_the_command_line(tmp_path):
    file = tmp_path / "edges.csv"
    file.write_text("from,to,weight\na,b,0.1\nb,c,0.2\n\n a , c ,0.3\n")
    rows = [("a", "b", "0.1"), ("b", "c", "0.2"), ("a", "c", "0.3")]
    assert registry.problem(f"minimum-spanning-tree(graph=@{file})").key == MinimumSpanningTree(rows).key
    assert registry.problem(f"maxcut(@{file})").key == MaxCut("cycle(3)").key
    assert registry.problem("max-cut(graph=cycle(3))").key == MaxCut("cycle(3)").key
    assert registry.problem("graph-colouring(random(9, 1/2, 4), colours=3)").key == GraphColouring("random(9, 0.5, 4)", 3).key
    file.write_text("1 2\n2 3 \n# a comment\n3\t1\n")
    assert registry.problem(f"maxcut(@{file})").key == MaxCut("cycle(3)").key


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no edges"),
        ("a,b\nc\n", "line 2: 'c' is not an edge"),
        ("a,b\nb,c,1,2\n", "line 2: 'b,c,1,2' is not an edge"),
        ("a,b,1\nb,c,heavy\n", "line 2: 'heavy' is not a number"),
        ("a,b,1\nb,\n", "line 2: 'b,' is not an edge"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, content, says):
    file = tmp_path / "edges.csv"
    file.write_text(content)
    with pytest.raises(InputError) as caught:
        registry.problem(f"maxcut(graph=@{file})")
    assert str(caught.value).startswith("graph: ") and str(file) in str(caught.value) and says in str(caught.value)
    with pytest.raises(InputError, match="^graph: can't read"):
        registry.problem("maxcut(graph=@/no/such.csv)")


# ---- what theory says


def test_the_graph_fixes_n():
    process = OnePlusOneEA("c/n").on(MinimumSpanningTree("complete(4)"))
    assert process.values(c=1) == {"n": 6, "c": 1} == process.values(n=6, c=1)


def test_theory_is_silent_or_refuses_cleanly():
    for problem in (MaxCut("cycle(4)"), GraphColouring("cycle(4)", 3), EulerianCycle("cycle(4)")):
        assert EA.on(problem).bounds() == []
    assert EA.on(MaxCut("cycle(4)")).drift().shape == (16,)
    assert RLS().on(MaxCut("path(2)")).transition().tolist() == [[0, 0.5, 0.5, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0.5, 0.5, 0]]
    for problem in (GraphColouring("cycle(4)", 3), EulerianCycle("cycle(4)")):
        process = EA.on(problem)
        for ask in (exact.expected_runtime, exact.worst_start, exact.runtime_distribution, exact.to_prism,
                    exact.full_transition_matrix, exact.expected_runtime_interval, law.drift, law.transition):  # fmt: skip
            with pytest.raises(InputError, match=r"^(problem|process): .*(not bit strings|measure its drift|nothing exact)"):
                ask(process)
        with pytest.raises(InputError, match="^problem: .*not bit strings"):
            exact.fixed_target(process, target=2)
    with pytest.raises(exact.NoExactMethod, match="depends on t"):
        exact.expected_runtime(OnePlusOneEA(1 / (t + 1)).on(MaxCut("cycle(4)")))
    with pytest.raises(exact.NoExactMethod, match="2.n points"):
        exact.expected_runtime(EA.on(MaxCut("cycle(40)")))


def test_a_problem_is_made_again_from_its_parameters():
    colouring, cycle = GraphColouring("cycle(5)", 3, target=4), EulerianCycle("cycle(5)")
    tree = MinimumSpanningTree([(0, 1, 0.1), (1, 2, 0.2), (0, 2, Fraction(1, 3))])
    for problem in (MaxCut("complete(4)", target=3), VertexCover("grid(2, 3)"), colouring, cycle, tree):
        assert type(problem)(**problem.parameters()).key == problem.key
