#include "records/crc32c.hpp"

#include <array>
#include <cstring>

#include "bytes/little_endian.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HEADRACE_X86_CRC 1
#include <nmmintrin.h>
#include <wmmintrin.h>
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

uint32_t crc_by_tables(uint32_t state, const uint8_t* data, size_t size) {
    for (; size >= 8; data += 8, size -= 8) {
        const uint64_t word = load_le64(data) ^ state;
        state = 0;
        for (size_t k = 0; k < 8; ++k) state ^= kTables[7 - k][word >> 8 * k & 0xff];
    }
    for (; size; ++data, --size) state = state >> 8 ^ kTables[0][(state ^ *data) & 0xff];
    return state;
}

#ifdef HEADRACE_X86_CRC

// The instruction has a latency of three cycles but a throughput of one per cycle, so three blocks of equal length are
// processed in parallel. Their states are then combined by shifting the earlier ones past the bytes of the later ones.
constexpr size_t kWord = 8, kMaxWords = 256;  // bytes in a word, words in a block

// Shifting a state past n zero bytes multiplies it by x^8n modulo the polynomial. The carry-less product of two reflected
// states has twice the bits and is one position too low; feeding it to the CRC instruction multiplies it by x^32 and
// reduces it. So the factor for n bytes is x^(8n - 33).
class ZeroWordShift {
public:
    ZeroWordShift() {
        const uint8_t zeros[kWord] = {};
        factors_[0] = 0;  // unused: blocks are never empty
        factors_[1] = 1;  // x^31, reflected
        for (size_t words = 2; words <= 2 * kMaxWords; ++words) factors_[words] = crc_by_tables(factors_[words - 1], zeros, kWord);
    }

    // The unreduced product that shifts the state past `words` words; the caller reduces it by the CRC instruction.
    __attribute__((target("sse4.2,pclmul"))) uint64_t operator()(uint64_t state, size_t words) const {
        const __m128i factor = _mm_cvtsi32_si128(static_cast<int>(factors_[words]));
        return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(state)), factor, 0)));
    }

private:
    uint32_t factors_[2 * kMaxWords + 1];
};

// Appends the last `size` bytes, fewer than a word, reading the word that ends with them. The bytes before them are
// replaced by zeros, which leave a zero state unchanged.
__attribute__((target("sse4.2"))) uint64_t crc_with_tail(uint64_t state, const uint8_t* data, size_t size) {
    const size_t skipped = 8 * (kWord - size);  // bits
    const uint64_t bytes = load_le64(data + size - kWord) >> skipped;
    return _mm_crc32_u64(0, (bytes ^ state) << skipped) ^ state >> 8 * size;
}

__attribute__((target("sse4.2"))) uint32_t crc_by_bytes(uint32_t state, const uint8_t* data, size_t size) {
    for (; size; ++data, --size) state = _mm_crc32_u8(state, *data);
    return state;
}

__attribute__((target("sse4.2,pclmul"))) uint32_t crc_by_instruction(uint32_t state, const uint8_t* data, size_t size) {
    if (size < kWord) return crc_by_bytes(state, data, size);
    static const ZeroWordShift shift;
    constexpr size_t kMinParallel = 12;  // words: below, a single block is as fast
    uint64_t a = state;
    while (size >= kMinParallel * kWord) {
        const size_t words = size / (3 * kWord) < kMaxWords ? size / (3 * kWord) : kMaxWords;
        const uint8_t* second = data + words * kWord;
        const uint8_t* third = second + words * kWord;
        uint64_t b = 0, c = 0;
        for (size_t i = 0; i < words * kWord; i += kWord) {
            a = _mm_crc32_u64(a, load_le64(data + i));
            b = _mm_crc32_u64(b, load_le64(second + i));
            c = _mm_crc32_u64(c, load_le64(third + i));
        }
        a = c ^ _mm_crc32_u64(0, shift(a, 2 * words) ^ shift(b, words));
        data = third + words * kWord;
        size -= 3 * words * kWord;
    }
    for (; size >= kWord; data += kWord, size -= kWord) a = _mm_crc32_u64(a, load_le64(data));
    return static_cast<uint32_t>(size ? crc_with_tail(a, data, size) : a);
}

__attribute__((target("sse4.2"))) uint32_t crc_of_word(uint64_t word) {
    return ~static_cast<uint32_t>(_mm_crc32_u64(~0u, word));
}

bool has_instruction() {
    static const bool has = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
    return has;
}

#endif

}  // namespace

uint32_t crc32c_portable(const uint8_t* data, size_t size) { return ~crc_by_tables(~0u, data, size); }

uint32_t crc32c(const uint8_t* data, size_t size) {
#ifdef HEADRACE_X86_CRC
    if (has_instruction()) return ~crc_by_instruction(~0u, data, size);
#endif
    return crc32c_portable(data, size);
}

uint32_t extend_crc32c(uint32_t crc, const uint8_t* data, size_t size) {
#ifdef HEADRACE_X86_CRC
    if (has_instruction()) return ~crc_by_instruction(~crc, data, size);
#endif
    return ~crc_by_tables(~crc, data, size);
}

uint32_t crc32c_word(const uint8_t* data) {
#ifdef HEADRACE_X86_CRC
    if (has_instruction()) return crc_of_word(load_le64(data));
#endif
    return crc32c_portable(data, sizeof(uint64_t));
}

}  // namespace headrace
