// The peer: the (1+1) EA with standard bit mutation p = c/n as a competent C++ programmer writes it.
//
// One byte a bit; xoshiro256++; positions to flip by geometric skipping, one logarithm a draw, a new row of draws for each
// generation; fitness updated along with the flips; a worse offspring is undone by flipping back; ties are accepted. Fitness of
// the user's functions is computed from nothing for each offspring that differs from its parent (no update, no evaluation of
// a copy). A run starts uniformly and ends at the optimum or after the budget; T counts offspring.
//
// peer PROBLEM N C RUNS SEED BUDGET [WEIGHTS]      PROBLEM: onemax linear pairs longest onemax-schedule
//                                                  linear-schedule (C is not used) hottopic; BUDGET 0: none
//
// WEIGHTS: a file of N doubles (linear), or the sets (hottopic). Prints one JSON object; seconds are wall time of all runs, processor_seconds the
// thread's own, both without the start of the program and the reading of the weights.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
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
};

using Bits = std::vector<uint8_t>;

// Problems with an incremental fitness: the gain of flipping one bit; the optimum is all ones.
struct OneMax {
    using Gain = int64_t;
    Gain gain(const uint8_t bit, int64_t) const { return bit ? -1 : 1; }
};

struct Linear {
    using Gain = double;
    std::vector<double> weights;
    Gain gain(const uint8_t bit, int64_t i) const { return bit ? -weights[i] : weights[i]; }
};

// Functions of a user: the same loops as in benchmarks/functions.py.
struct Pairs {
    static int64_t value(const Bits& x) {
        const int64_t n = static_cast<int64_t>(x.size());
        int64_t total = 0;
        for (int64_t i = 0; i < n - 1; ++i) total += x[i] & x[i + 1];
        return total;
    }
    static int64_t target(int64_t n) { return n - 1; }
};

struct Longest {
    static int64_t value(const Bits& x) {
        const int64_t n = static_cast<int64_t>(x.size());
        int64_t best = 0, length = 0;
        for (int64_t i = 0; i < n; ++i) {
            length = x[i] ? length + 1 : 0;
            best = std::max(best, length);
        }
        return best;
    }
    static int64_t target(int64_t n) { return n; }
};

struct Outcome {
    int64_t evaluations;
    bool hit;
};

static void uniform_start(Bits& x, Xoshiro& random) {
    for (size_t i = 0; i < x.size(); i += 64) {
        uint64_t word = random.next();
        const size_t end = std::min(x.size(), i + 64);
        for (size_t j = i; j < end; ++j, word >>= 1) x[j] = word & 1;
    }
}

template <class Problem>
Outcome run_incremental(const Problem& problem, Bits& x, double p, int64_t budget, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int64_t> flips;
    flips.reserve(64);
    uniform_start(x, random);
    int64_t zeros = std::count(x.begin(), x.end(), 0);
    int64_t t = 0;
    while (zeros > 0) {
        if (t == budget) return {t, false};
        ++t;
        typename Problem::Gain gain = 0;
        int64_t change = 0;
        flips.clear();
        for (int64_t i = random.geometric(scale); i < n; i += 1 + random.geometric(scale)) {
            const uint8_t bit = x[i];
            gain += problem.gain(bit, i);
            change += bit ? 1 : -1;
            x[i] = bit ^ 1;
            flips.push_back(i);
        }
        if (gain >= 0)
            zeros += change;
        else
            for (const int64_t position : flips) x[position] ^= 1;
    }
    return {t, true};
}

// The optimal schedule for an unknown number of bits: p_t = min(1/2, alpha ln t/t), p_1 = 1/2. What geometric skipping needs of
// it, 1 / log(1 - p_t), is looked up: the table is made before the clock starts.
struct Schedule {
    static constexpr double alpha = 1.5446822169704291665;
    std::vector<double> scales;

    static double scale(int64_t t) {
        const double p = t == 1 ? 0.5 : std::min(0.5, alpha * std::log(static_cast<double>(t)) / static_cast<double>(t));
        return 1.0 / std::log1p(-p);
    }
    explicit Schedule(int64_t longest) : scales(longest + 1) {
        for (int64_t t = 1; t <= longest; ++t) scales[t] = scale(t);
    }
    double operator()(int64_t t) const { return t < static_cast<int64_t>(scales.size()) ? scales[t] : scale(t); }
};

template <class Problem>
Outcome run_schedule(const Problem& problem, const Schedule& schedule, Bits& x, int64_t budget, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    std::vector<int64_t> flips;
    flips.reserve(n);
    uniform_start(x, random);
    int64_t zeros = std::count(x.begin(), x.end(), 0);
    int64_t t = 0;
    while (zeros > 0) {
        if (t == budget) return {t, false};
        ++t;
        const double scale = schedule(t);
        typename Problem::Gain gain = 0;
        int64_t change = 0;
        flips.clear();
        for (int64_t i = random.geometric(scale); i < n; i += 1 + random.geometric(scale)) {
            const uint8_t bit = x[i];
            gain += problem.gain(bit, i);
            change += bit ? 1 : -1;
            x[i] = bit ^ 1;
            flips.push_back(i);
        }
        if (gain >= 0)
            zeros += change;
        else
            for (const int64_t position : flips) x[position] ^= 1;
    }
    return {t, true};
}

template <class Function>
Outcome run_from_nothing(Bits& x, double p, int64_t budget, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size()), target = Function::target(n);
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int64_t> flips;
    flips.reserve(64);
    uniform_start(x, random);
    int64_t value = Function::value(x);
    int64_t t = 0;
    while (value < target) {
        if (t == budget) return {t, false};
        ++t;
        flips.clear();
        for (int64_t i = random.geometric(scale); i < n; i += 1 + random.geometric(scale)) {
            x[i] ^= 1;
            flips.push_back(i);
        }
        if (flips.empty()) continue;
        const int64_t after = Function::value(x);
        if (after >= value)
            value = after;
        else
            for (const int64_t position : flips) x[position] ^= 1;
    }
    return {t, true};
}

// HotTopic with the number of zeros in each B_i kept up to date from flip to flip; the file holds int64: |A|, |B|, zeros allowed, L,
// then the rows A_i, whose first |B| entries are B_i.
struct HotTopic {
    int64_t hot, small, allowed, levels;
    std::vector<int32_t> sets;               // L rows of |A| positions
    std::vector<std::vector<int32_t>> of;    // the levels i with a position in B_i
    std::vector<int32_t> counts;             // zeros in B_i
    std::vector<uint8_t> in_hot;             // whether a position is in A_{l+1}
    int64_t level = 0;

    HotTopic(const char* path, int64_t n) : of(n), in_hot(n) {
        FILE* file = std::fopen(path, "rb");
        int64_t head[4];
        if (!file || std::fread(head, sizeof(int64_t), 4, file) != 4) std::exit(2);
        hot = head[0], small = head[1], allowed = head[2], levels = head[3];
        std::vector<int64_t> entries(levels * hot);
        if (std::fread(entries.data(), sizeof(int64_t), entries.size(), file) != entries.size()) std::exit(2);
        std::fclose(file);
        sets.assign(entries.begin(), entries.end());
        for (int64_t i = 1; i <= levels; ++i)
            for (int64_t j = 0; j < small; ++j) of[sets[(i - 1) * hot + j]].push_back(static_cast<int32_t>(i));
    }
    void mark() {
        std::fill(in_hot.begin(), in_hot.end(), 0);
        if (level < levels)
            for (int64_t j = 0; j < hot; ++j) in_hot[sets[level * hot + j]] = 1;
    }
    void start(const Bits& x) {
        counts.assign(levels + 1, 0);
        for (size_t p = 0; p < x.size(); ++p)
            if (!x[p])
                for (const int32_t i : of[p]) ++counts[i];
        level = levels;
        while (level > 0 && counts[level] > allowed) --level;
        mark();
    }
};

static Outcome run_hottopic(HotTopic& f, Bits& x, double p, int64_t budget, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int64_t> flips;
    std::vector<int32_t> seen;  // levels above l that were within reach while the flips were made
    uniform_start(x, random);
    f.start(x);
    int64_t zeros = std::count(x.begin(), x.end(), 0);
    int64_t t = 0;
    while (zeros > 0) {
        if (t == budget) return {t, false};
        ++t;
        flips.clear();
        seen.clear();
        int64_t gain = 0, change = 0;
        for (int64_t i = random.geometric(scale); i < n; i += 1 + random.geometric(scale)) {
            const int64_t weight = f.in_hot[i] ? n : 1;
            if (x[i]) {
                for (const int32_t level : f.of[i]) ++f.counts[level];
                gain -= weight, ++change, x[i] = 0;
            } else {
                for (const int32_t level : f.of[i])
                    if (--f.counts[level] <= f.allowed && level > f.level) seen.push_back(level);
                gain += weight, --change, x[i] = 1;
            }
            flips.push_back(i);
        }
        int64_t reached = f.level;
        for (const int32_t level : seen)
            if (f.counts[level] <= f.allowed) reached = std::max<int64_t>(reached, level);
        if (reached > f.level || ((f.level == 0 || f.counts[f.level] <= f.allowed) && gain >= 0)) {
            zeros += change;
            if (reached > f.level) f.level = reached, f.mark();
        } else {
            for (const int64_t i : flips) {
                x[i] ^= 1;
                const int32_t back = x[i] ? -1 : 1;
                for (const int32_t level : f.of[i]) f.counts[level] += back;
            }
        }
    }
    return {t, true};
}

static double processor_seconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int main(int argc, char** argv) {
    if (argc < 7) {
        std::fprintf(stderr, "usage: peer PROBLEM N C RUNS SEED BUDGET [WEIGHTS]\n");
        return 2;
    }
    const std::string problem = argv[1];
    const int64_t n = std::atoll(argv[2]), runs = std::atoll(argv[4]);
    const double p = std::atof(argv[3]) / static_cast<double>(n);
    const int64_t budget = std::atoll(argv[6]) > 0 ? std::atoll(argv[6]) : INT64_MAX;
    Linear linear;
    if (problem == "linear" || problem == "linear-schedule") {
        linear.weights.resize(n);
        FILE* file = argc > 7 ? std::fopen(argv[7], "rb") : nullptr;
        if (!file || std::fread(linear.weights.data(), sizeof(double), n, file) != static_cast<size_t>(n)) {
            std::fprintf(stderr, "WEIGHTS: not a file of %lld doubles\n", static_cast<long long>(n));
            return 2;
        }
        std::fclose(file);
    }
    std::unique_ptr<HotTopic> topic;
    if (problem == "hottopic" && argc > 7) topic = std::make_unique<HotTopic>(argv[7], n);
    const Schedule schedule(problem.find("-schedule") != std::string::npos ? int64_t{1} << 23 : 0);
    Xoshiro random(std::strtoull(argv[5], nullptr, 10));
    std::vector<Outcome> outcomes;
    const auto begin = std::chrono::steady_clock::now();
    const double processor_begin = processor_seconds();
    for (int64_t r = 0; r < runs; ++r) {
        Bits x(n);
        if (problem == "onemax")
            outcomes.push_back(run_incremental(OneMax(), x, p, budget, random));
        else if (problem == "linear")
            outcomes.push_back(run_incremental(linear, x, p, budget, random));
        else if (problem == "hottopic")
            outcomes.push_back(run_hottopic(*topic, x, p, budget, random));
        else if (problem == "onemax-schedule")
            outcomes.push_back(run_schedule(OneMax(), schedule, x, budget, random));
        else if (problem == "linear-schedule")
            outcomes.push_back(run_schedule(linear, schedule, x, budget, random));
        else if (problem == "pairs")
            outcomes.push_back(run_from_nothing<Pairs>(x, p, budget, random));
        else if (problem == "longest")
            outcomes.push_back(run_from_nothing<Longest>(x, p, budget, random));
        else
            return 2;
    }
    const double processor = processor_seconds() - processor_begin;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("{\"seconds\": %.9f, \"processor_seconds\": %.9f, \"evaluations\": [", seconds, processor);
    for (size_t r = 0; r < outcomes.size(); ++r) std::printf("%s%lld", r ? ", " : "", static_cast<long long>(outcomes[r].evaluations));
    std::printf("], \"hits\": %lld}\n", static_cast<long long>(std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.hit; })));
    return 0;
}
