// The peer of self-adjusting rates: the (1+1) EA on OneMax whose rate follows a step rule, as a competent C++ programmer writes it.
//
// One byte a bit; xoshiro256++; positions to flip by geometric skipping, one logarithm a draw, drawn anew at each generation's
// rate; fitness updated along with the flips; a worse offspring is undone by flipping back.
//
// adaptive_peer N RUNS SEED FIRST LOWEST UP DOWN NEUTRAL     UP, DOWN: factors of the rate after a success and a failure;
//                                                            NEUTRAL 1: equal fitness is success, 0: not worse
//
// Prints one JSON object; the seconds are wall time of all runs.

#include <algorithm>
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
};

int main(int argc, char** argv) {
    if (argc != 9) return 2;
    const int64_t n = std::atoll(argv[1]), runs = std::atoll(argv[2]);
    Xoshiro random(static_cast<uint64_t>(std::atoll(argv[3])));
    const double first = std::atof(argv[4]), lowest = std::atof(argv[5]), up = std::atof(argv[6]), down = std::atof(argv[7]);
    const bool neutral = std::atoi(argv[8]) == 1;
    std::vector<uint8_t> x(n);
    std::vector<int64_t> flipped, evaluations;
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t run = 0; run < runs; ++run) {
        int64_t zeros = 0, t = 0;
        for (auto& bit : x) zeros += 1 - (bit = random.next() >> 63);
        double p = first;
        while (zeros > 0) {
            ++t;
            const double scale = 1.0 / std::log1p(-p);
            int64_t gain = 0;
            flipped.clear();
            for (double skip = std::log(random.positive()) * scale; skip < static_cast<double>(n);
                 skip = std::floor(skip) + 1.0 + std::log(random.positive()) * scale) {
                const int64_t i = static_cast<int64_t>(skip);
                gain += x[i] ? -1 : 1;
                x[i] ^= 1;
                flipped.push_back(i);
            }
            if (gain < 0) {
                for (const int64_t i : flipped) x[i] ^= 1;
            } else {
                zeros -= gain;
            }
            const bool success = neutral ? gain == 0 : gain >= 0;
            p = success ? std::min(0.5, p * up) : std::max(lowest, p * down);
        }
        evaluations.push_back(t);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("{\"seconds\": %.9g, \"evaluations\": [", seconds);
    for (size_t i = 0; i < evaluations.size(); ++i) std::printf("%s%lld", i ? ", " : "", static_cast<long long>(evaluations[i]));
    std::printf("]}\n");
}
