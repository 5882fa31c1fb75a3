// The peer of the (1+lambda) EA: lambda offspring a generation at p = c/n on OneMax, as a competent C++ programmer writes it.
//
// One byte a bit; xoshiro256++; positions to flip by geometric skipping, one logarithm a draw, a new row of draws for each
// offspring, which is a list of positions and its gain: the parent is changed once a generation, at most. Ties among the best
// offspring are broken uniformly; the best one replaces its parent if it is not worse. A run starts uniformly and ends at the
// first offspring that is the optimum; T counts offspring.
//
// population_peer N C LAMBDA RUNS SEED      Prints one JSON object; seconds are wall time of all runs.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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

static int64_t run(std::vector<uint8_t>& x, double p, int64_t lambda, Xoshiro& random) {
    const int64_t n = static_cast<int64_t>(x.size());
    const double scale = 1.0 / std::log1p(-p);
    std::vector<int64_t> flips, best;
    flips.reserve(64);
    best.reserve(64);
    int64_t zeros = 0, t = 0;
    for (auto& bit : x) {
        bit = random.next() >> 63;
        zeros += 1 - bit;
    }
    while (zeros > 0) {
        int64_t best_gain = INT64_MIN, ties = 0;
        for (int64_t j = 0; j < lambda; ++j) {
            ++t;
            int64_t gain = 0;
            flips.clear();
            for (int64_t i = random.geometric(scale); i < n; i += 1 + random.geometric(scale)) {
                gain += x[i] ? -1 : 1;
                flips.push_back(i);
            }
            if (gain == zeros) return t;
            if (gain > best_gain) {
                best_gain = gain;
                ties = 1;
                flips.swap(best);
            } else if (gain == best_gain && random.next() % static_cast<uint64_t>(++ties) == 0) {
                flips.swap(best);
            }
        }
        if (best_gain >= 0) {
            zeros -= best_gain;
            for (const int64_t i : best) x[i] ^= 1;
        }
    }
    return t;
}

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "usage: population_peer N C LAMBDA RUNS SEED\n");
        return 2;
    }
    const int64_t n = std::atoll(argv[1]), lambda = std::atoll(argv[3]), runs = std::atoll(argv[4]);
    const double p = std::atof(argv[2]) / static_cast<double>(n);
    Xoshiro random(std::strtoull(argv[5], nullptr, 10));
    std::vector<int64_t> times;
    std::vector<uint8_t> x(n);
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t r = 0; r < runs; ++r) times.push_back(run(x, p, lambda, random));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("{\"seconds\": %.9f, \"evaluations\": [", seconds);
    for (size_t r = 0; r < times.size(); ++r) std::printf("%s%lld", r ? ", " : "", static_cast<long long>(times[r]));
    std::printf("]}\n");
    return 0;
}
