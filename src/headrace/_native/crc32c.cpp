#include "crc32c.hpp"

#include <array>
#include <cstring>

#include "little_endian.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HEADRACE_X86_CRC 1
#include <nmmintrin.h>
#endif

namespace headrace {

namespace {

constexpr uint32_t kPolynomial = 0x82f63b78u;  // reflected

// tables[k][b]: the state after byte b followed by k zero bytes ("slicing by 8").
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
    Tables tables{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t state = byte;
        for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ (state & 1 ? kPolynomial : 0);
        tables[0][byte] = state;
    }
    for (size_t k = 1; k < 8; ++k)
        for (size_t byte = 0; byte < 256; ++byte) {
            const uint32_t before = tables[k - 1][byte];
            tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
        }
    return tables;
}

constexpr Tables kTables = make_tables();

uint32_t by_tables(uint32_t state, const uint8_t* data, size_t size) {
    for (; size >= 8; data += 8, size -= 8) {
        const uint64_t word = load_le64(data) ^ state;
        state = 0;
        for (size_t k = 0; k < 8; ++k) state ^= kTables[7 - k][word >> 8 * k & 0xff];
    }
    for (; size; ++data, --size) state = state >> 8 ^ kTables[0][(state ^ *data) & 0xff];
    return state;
}

#ifdef HEADRACE_X86_CRC

// The instruction takes three cycles but one can start each cycle, so three stretches run side by side; their states
// are then joined by moving the earlier ones past the bytes of the later. What is too short for long stretches goes in
// short ones.
constexpr size_t kLongStretch = 256, kShortStretch = 40;

template <size_t kStretch>
class PastStretch {
public:
    PastStretch() {
        const uint8_t zeros[kStretch] = {};
        for (int lane = 0; lane < 4; ++lane)
            for (uint32_t byte = 0; byte < 256; ++byte)
                lanes_[lane][byte] = by_tables(byte << 8 * lane, zeros, kStretch);
    }

    uint32_t operator()(uint32_t state) const {
        return lanes_[0][state & 0xff] ^ lanes_[1][state >> 8 & 0xff] ^ lanes_[2][state >> 16 & 0xff] ^
               lanes_[3][state >> 24];
    }

private:
    uint32_t lanes_[4][256];
};

template <size_t kStretch>
__attribute__((target("sse4.2"))) uint32_t by_stretches(uint32_t state, const uint8_t*& data, size_t& size) {
    static const PastStretch<kStretch> past;
    for (; size >= 3 * kStretch; data += 3 * kStretch, size -= 3 * kStretch) {
        uint64_t a = state, b = 0, c = 0;
        for (size_t i = 0; i < kStretch; i += 8) {
            a = _mm_crc32_u64(a, load_le64(data + i));
            b = _mm_crc32_u64(b, load_le64(data + kStretch + i));
            c = _mm_crc32_u64(c, load_le64(data + 2 * kStretch + i));
        }
        state = past(past(static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b)) ^ static_cast<uint32_t>(c);
    }
    return state;
}

__attribute__((target("sse4.2"))) uint32_t by_instruction(uint32_t state, const uint8_t* data, size_t size) {
    state = by_stretches<kLongStretch>(state, data, size);
    state = by_stretches<kShortStretch>(state, data, size);
    uint64_t wide = state;
    for (; size >= 8; data += 8, size -= 8) wide = _mm_crc32_u64(wide, load_le64(data));
    state = static_cast<uint32_t>(wide);
    for (; size; ++data, --size) state = _mm_crc32_u8(state, *data);
    return state;
}

bool has_instruction() {
    static const bool has = __builtin_cpu_supports("sse4.2");
    return has;
}

#endif

}  // namespace

uint32_t crc32c_portable(const uint8_t* data, size_t size) { return ~by_tables(~0u, data, size); }

uint32_t crc32c(const uint8_t* data, size_t size) {
#ifdef HEADRACE_X86_CRC
    if (has_instruction()) return ~by_instruction(~0u, data, size);
#endif
    return crc32c_portable(data, size);
}

}  // namespace headrace
