#include "bytes/highway_hash.hpp"

#include <bit>
#include <cstring>

#include "bytes/little_endian.hpp"

namespace headrace {

namespace {

using Lanes = std::array<uint64_t, 4>;

constexpr size_t packet_size = 32;
constexpr Lanes first_multipliers{0xdbe6d5d5fe4cce2full, 0xa4093822299f31d0ull, 0x13198a2e03707344ull, 0x243f6a8885a308d3ull};
constexpr Lanes second_multipliers{0x3bd39e10cb0ef593ull, 0xc0acf169b5f18a8cull, 0xbe5466cf34e90c6cull, 0x452821e638d01377ull};

constexpr uint64_t low_half(uint64_t word) { return word & 0xffffffffull; }
constexpr uint64_t high_half(uint64_t word) { return word >> 32; }

// Byte `from` of `word`, moved to place `to`.
constexpr uint64_t move_byte(uint64_t word, int from, int to) { return (word >> 8 * from & 0xff) << 8 * to; }

// The bytes of two words, mixed so that those that multiplication mixes least change places with the others.
constexpr uint64_t zip_low(uint64_t even, uint64_t odd) {
    return move_byte(even, 3, 0) | move_byte(odd, 4, 1) | move_byte(even, 2, 2) | move_byte(even, 5, 3) |
           move_byte(odd, 6, 4) | move_byte(even, 1, 5) | move_byte(odd, 7, 6) | move_byte(even, 0, 7);
}

constexpr uint64_t zip_high(uint64_t even, uint64_t odd) {
    return move_byte(odd, 3, 0) | move_byte(even, 4, 1) | move_byte(odd, 2, 2) | move_byte(odd, 5, 3) |
           move_byte(odd, 1, 4) | move_byte(even, 6, 5) | move_byte(odd, 0, 6) | move_byte(even, 7, 7);
}

struct State {
    Lanes v0, v1, mul0, mul1;

    explicit State(const Lanes& key) : mul0(first_multipliers), mul1(second_multipliers) {
        for (size_t i = 0; i < 4; ++i) {
            v0[i] = mul0[i] ^ key[i];
            v1[i] = mul1[i] ^ std::rotl(key[i], 32);
        }
    }

    void update(const Lanes& packet) {
        for (size_t i = 0; i < 4; ++i) {
            v1[i] += mul0[i] + packet[i];
            mul0[i] ^= low_half(v1[i]) * high_half(v0[i]);
            v0[i] += mul1[i];
            mul1[i] ^= low_half(v0[i]) * high_half(v1[i]);
        }
        for (size_t i = 0; i < 4; i += 2) {
            v0[i] += zip_low(v1[i], v1[i + 1]);
            v0[i + 1] += zip_high(v1[i], v1[i + 1]);
        }
        for (size_t i = 0; i < 4; i += 2) {
            v1[i] += zip_low(v0[i], v0[i + 1]);
            v1[i + 1] += zip_high(v0[i], v0[i + 1]);
        }
    }

    void update(const uint8_t* packet) {
        update(Lanes{load_le64(packet), load_le64(packet + 8), load_le64(packet + 16), load_le64(packet + 24)});
    }

    // The last 1 to 31 bytes.
    void update_remainder(const uint8_t* data, size_t size) {
        for (size_t i = 0; i < 4; ++i) {
            v0[i] += (static_cast<uint64_t>(size) << 32) + size;
            const auto low = std::rotl(static_cast<uint32_t>(low_half(v1[i])), static_cast<int>(size));
            const auto high = std::rotl(static_cast<uint32_t>(high_half(v1[i])), static_cast<int>(size));
            v1[i] = static_cast<uint64_t>(high) << 32 | low;
        }
        uint8_t packet[packet_size] = {};
        const size_t words = size & ~size_t{3}, rest = size & 3;
        std::memcpy(packet, data, words);
        if (size & 16) {
            std::memcpy(packet + 28, data + size - 4, 4);
        } else if (rest) {
            packet[16] = data[words];
            packet[17] = data[words + (rest >> 1)];
            packet[18] = data[words + rest - 1];
        }
        update(packet);
    }

    uint64_t finish() {
        for (int round = 0; round < 4; ++round)
            update(Lanes{std::rotl(v0[2], 32), std::rotl(v0[3], 32), std::rotl(v0[0], 32), std::rotl(v0[1], 32)});
        return v0[0] + v1[0] + mul0[0] + mul1[0];
    }
};

}  // namespace

uint64_t highway_hash(const uint8_t* data, size_t size, const std::array<uint64_t, 4>& key) {
    State state(key);
    for (; size >= packet_size; data += packet_size, size -= packet_size) state.update(data);
    if (size) state.update_remainder(data, size);
    return state.finish();
}

}  // namespace headrace
