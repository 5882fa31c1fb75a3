// The peer on graphs: the (1+1) EA with p = c/n as a competent C++ programmer writes it, on the problems of theory/problems.
//
// Cut, cover and colouring: one byte a vertex, neighbours in one array (32 bits each), the gain of a flip from the vertex's
// neighbours, flips one after the other, a worse offspring undone. Spanning tree: one byte an edge, weight along with the flips,
// components by a union-find over the chosen edges of each offspring that differs from its parent (paths halved; it stops when
// one component is left). Geometric skipping along one tape over all generations, one logarithm a draw; ties are accepted.
//
// graph_peer PROBLEM FILE C RUNS SEED BUDGET COLOURS      PROBLEM: cut cover colouring tree
//
// FILE: int64 numbers: vertices, edges, then u v weight of each edge. Every run makes BUDGET generations from a uniform start.
// Prints one JSON object: wall seconds of all runs, and the last fitness of each (tree: components, and weight behind it).

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

struct Xoshiro {
    uint64_t s[4];

    explicit Xoshiro(uint64_t seed) {
        for (auto& word : s) {  // splitmix64
            uint64_t z = (seed += 0x9E3779B97F4A7C15ull);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
            word = z ^ (z >> 31);
        }
    }
    static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    uint64_t next() {
        const uint64_t result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate(s[3], 45);
        return result;
    }
    double positive() { return static_cast<double>((next() >> 11) + 1) * 0x1p-53; }  // uniform on (0, 1]
    int64_t geometric(double scale) { return static_cast<int64_t>(std::log(positive()) * scale); }  // scale = 1 / log(1 - p)
    uint32_t below(uint32_t bound) { return static_cast<uint32_t>((static_cast<uint64_t>(next() >> 32) * bound) >> 32); }
};

struct Graph {
    int64_t vertices = 0, edges = 0;
    std::vector<int32_t> first, neighbour, tail, head;
    std::vector<int64_t> weight;

    explicit Graph(const char* path) {
        FILE* file = std::fopen(path, "rb");
        int64_t sizes[2];
        if (!file || std::fread(sizes, sizeof(int64_t), 2, file) != 2) std::exit(2);
        vertices = sizes[0];
        edges = sizes[1];
        std::vector<int64_t> rows(3 * edges);
        if (std::fread(rows.data(), sizeof(int64_t), rows.size(), file) != rows.size()) std::exit(2);
        std::fclose(file);
        first.assign(vertices + 1, 0);
        for (int64_t i = 0; i < edges; ++i) {
            tail.push_back(static_cast<int32_t>(rows[3 * i]));
            head.push_back(static_cast<int32_t>(rows[3 * i + 1]));
            weight.push_back(rows[3 * i + 2]);
            ++first[tail[i] + 1];
            ++first[head[i] + 1];
        }
        for (int64_t u = 0; u < vertices; ++u) first[u + 1] += first[u];
        neighbour.resize(2 * edges);
        std::vector<int32_t> next(first.begin(), first.end() - 1);
        for (int64_t i = 0; i < edges; ++i) {
            neighbour[next[tail[i]]++] = head[i];
            neighbour[next[head[i]]++] = tail[i];
        }
    }
};

using Word = std::vector<uint8_t>;

struct Cut {
    const Graph& graph;
    static constexpr bool letters = false;
    int64_t gain(const Word& x, int32_t u, uint8_t) const {
        int64_t cut = 0;
        for (int32_t e = graph.first[u]; e < graph.first[u + 1]; ++e) cut += x[u] ^ x[graph.neighbour[e]];
        return graph.first[u + 1] - graph.first[u] - 2 * cut;
    }
    int64_t value(const Word& x) const {
        int64_t total = 0;
        for (int64_t i = 0; i < graph.edges; ++i) total += x[graph.tail[i]] != x[graph.head[i]];
        return total;
    }
};

struct Cover {
    const Graph& graph;
    static constexpr bool letters = false;
    int64_t gain(const Word& x, int32_t u, uint8_t) const {
        int64_t alone = 0;
        for (int32_t e = graph.first[u]; e < graph.first[u + 1]; ++e) alone += 1 - x[graph.neighbour[e]];
        const int64_t change = (graph.vertices + 1) * alone - 1;
        return x[u] ? -change : change;
    }
    int64_t value(const Word& x) const {
        int64_t covered = 0;
        for (int64_t i = 0; i < graph.edges; ++i) covered += x[graph.tail[i]] | x[graph.head[i]];
        return (graph.vertices + 1) * covered + std::count(x.begin(), x.end(), 0);
    }
};

struct Colouring {
    const Graph& graph;
    static constexpr bool letters = true;
    int64_t gain(const Word& x, int32_t u, uint8_t colour) const {
        int64_t change = 0;
        for (int32_t e = graph.first[u]; e < graph.first[u + 1]; ++e)
            change += (x[graph.neighbour[e]] == x[u]) - (x[graph.neighbour[e]] == colour);
        return change;
    }
    int64_t value(const Word& x) const {
        int64_t total = 0;
        for (int64_t i = 0; i < graph.edges; ++i) total += x[graph.tail[i]] != x[graph.head[i]];
        return total;
    }
};

static void uniform_start(Word& x, uint32_t letters, Xoshiro& random) {
    for (auto& letter : x) letter = static_cast<uint8_t>(random.below(letters));
}

template <class Problem>
int64_t run_local(const Problem& problem, Word& x, double p, int64_t budget, uint32_t letters, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int32_t> places;
    std::vector<uint8_t> old;
    places.reserve(64);
    old.reserve(64);
    uniform_start(x, letters, random);
    int64_t t = 1, place = random.geometric(scale);
    while (true) {
        t += place / n;  // the next generation in which something flips
        place %= n;
        if (t > budget) break;
        int64_t gain = 0;
        places.clear();
        old.clear();
        for (; place < n; place += 1 + random.geometric(scale)) {
            const int32_t u = static_cast<int32_t>(place);
            uint8_t letter = x[u] ^ 1;
            if (Problem::letters) {
                letter = static_cast<uint8_t>(x[u] + 1 + random.below(letters - 1));
                if (letter >= letters) letter = static_cast<uint8_t>(letter - letters);
            }
            gain += problem.gain(x, u, letter);
            places.push_back(u);
            old.push_back(x[u]);
            x[u] = letter;
        }
        place -= n;
        ++t;
        if (gain < 0)
            for (size_t j = 0; j < places.size(); ++j) x[places[j]] = old[j];
    }
    return problem.value(x);
}

static int64_t components(const Graph& graph, const Word& x, std::vector<int32_t>& parent) {
    for (int64_t u = 0; u < graph.vertices; ++u) parent[u] = static_cast<int32_t>(u);
    int64_t left = graph.vertices;
    for (int64_t i = 0; i < graph.edges; ++i) {
        if (!x[i]) continue;
        int32_t u = graph.tail[i], w = graph.head[i];
        while (parent[u] != u) u = parent[u] = parent[parent[u]];
        while (parent[w] != w) w = parent[w] = parent[parent[w]];
        if (u != w) {
            parent[std::min(u, w)] = std::max(u, w);
            if (--left == 1) return 1;
        }
    }
    return left;
}

struct Tree {
    int64_t components, weight;
};

static Tree run_tree(const Graph& graph, Word& x, double p, int64_t budget, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int32_t> parent(graph.vertices), places;
    places.reserve(64);
    uniform_start(x, 2, random);
    Tree now{components(graph, x, parent), 0};
    for (int64_t i = 0; i < n; ++i) now.weight += x[i] ? graph.weight[i] : 0;
    int64_t t = 1, place = random.geometric(scale);
    while (true) {
        t += place / n;
        place %= n;
        if (t > budget) break;
        Tree after{0, now.weight};
        places.clear();
        for (; place < n; place += 1 + random.geometric(scale)) {
            after.weight += x[place] ? -graph.weight[place] : graph.weight[place];
            places.push_back(static_cast<int32_t>(place));
            x[place] ^= 1;
        }
        place -= n;
        ++t;
        after.components = components(graph, x, parent);
        if (after.components < now.components || (after.components == now.components && after.weight <= now.weight))
            now = after;
        else
            for (const int32_t i : places) x[i] ^= 1;
    }
    return now;
}

int main(int argc, char** argv) {
    if (argc < 8) {
        std::fprintf(stderr, "usage: graph_peer PROBLEM FILE C RUNS SEED BUDGET COLOURS\n");
        return 2;
    }
    const std::string problem = argv[1];
    const Graph graph(argv[2]);
    const int64_t n = problem == "tree" ? graph.edges : graph.vertices, runs = std::atoll(argv[4]), budget = std::atoll(argv[6]);
    const double p = std::atof(argv[3]) / static_cast<double>(n);
    const uint32_t colours = static_cast<uint32_t>(std::atoi(argv[7]));
    Xoshiro random(std::strtoull(argv[5], nullptr, 10));
    std::vector<Tree> last;
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t r = 0; r < runs; ++r) {
        Word x(n);
        if (problem == "cut")
            last.push_back({0, run_local(Cut{graph}, x, p, budget, 2, random)});
        else if (problem == "cover")
            last.push_back({0, run_local(Cover{graph}, x, p, budget, 2, random)});
        else if (problem == "colouring")
            last.push_back({0, run_local(Colouring{graph}, x, p, budget, colours, random)});
        else if (problem == "tree")
            last.push_back(run_tree(graph, x, p, budget, random));
        else
            return 2;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("{\"seconds\": %.9f, \"fitness\": [", seconds);
    for (size_t r = 0; r < last.size(); ++r) std::printf("%s%lld", r ? ", " : "", static_cast<long long>(last[r].weight));
    std::printf("], \"components\": [");
    for (size_t r = 0; r < last.size(); ++r) std::printf("%s%lld", r ? ", " : "", static_cast<long long>(last[r].components));
    std::printf("]}\n");
    return 0;
}
