#include "columns/permutation.hpp"

#include <bit>
#include <stdexcept>
#include <string>

namespace headrace {

namespace {

constexpr uint64_t kMultipliers[] = {0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53};  // of MurmurHash3's finalizer
constexpr int kShift = 33;
constexpr size_t kLanes = 8;  // independent values, whose rounds the processor overlaps

struct Network {
    std::span<const uint64_t> keys;
    int half;  // bits

    // Encrypts all lanes, so that the loops have a fixed length.
    void encrypt(uint64_t (&values)[kLanes]) const {
        const uint64_t mask = (uint64_t{1} << half) - 1;
        uint64_t left[kLanes], right[kLanes];
        for (size_t i = 0; i < kLanes; ++i) left[i] = values[i] >> half, right[i] = values[i] & mask;
        for (const uint64_t key : keys) {
            for (size_t i = 0; i < kLanes; ++i) {
                uint64_t mixed = right[i] ^ key;
                for (const uint64_t multiplier : kMultipliers) mixed = (mixed ^ mixed >> kShift) * multiplier;
                const uint64_t next = left[i] ^ (mixed >> kShift & mask);
                left[i] = right[i];
                right[i] = next;
            }
        }
        for (size_t i = 0; i < kLanes; ++i) values[i] = left[i] << half | right[i];
    }
};

}  // namespace

void permute(std::span<const int64_t> positions, int64_t size, std::span<const uint64_t> keys, int64_t* out) {
    if (size < 1 || size > int64_t{1} << 62) throw std::invalid_argument("expected a size from 1 to 2**62, got " + std::to_string(size));
    const auto limit = static_cast<uint64_t>(size);
    const Network network{keys, (static_cast<int>(std::bit_width(limit - 1)) + 1) / 2};
    for (const int64_t position : positions)
        if (position < 0 || position >= size)
            throw std::out_of_range("position " + std::to_string(position) + " of " + std::to_string(size));
    // Values outside the range walk on, packed together, until none is left.
    uint64_t values[kLanes] = {};
    size_t places[kLanes];
    size_t held = 0, next = 0;
    while (held || next < positions.size()) {
        for (; held < kLanes && next < positions.size(); ++held, ++next) {
            values[held] = static_cast<uint64_t>(positions[next]);
            places[held] = next;
        }
        network.encrypt(values);
        size_t kept = 0;
        for (size_t i = 0; i < held; ++i) {
            if (values[i] < limit) {
                out[places[i]] = static_cast<int64_t>(values[i]);
            } else {
                values[kept] = values[i];
                places[kept++] = places[i];
            }
        }
        held = kept;
    }
}

}  // namespace headrace
