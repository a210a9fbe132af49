#include "bytes/utf8.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

#include "bytes/little_endian.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HEADRACE_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#include <immintrin.h>
#endif

namespace headrace {

namespace {

bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// The length of the well-formed sequence at the front, or 0.
size_t sequence_length(Span bytes) {
    const uint8_t* p = bytes.at;
    const size_t left = bytes.size();
    const uint8_t first = p[0];
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return left >= 2 && is_continuation(p[1]) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (left < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
        const bool overlong = first == 0xe0 && p[1] < 0xa0;
        const bool surrogate = first == 0xed && p[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (first < 0xf0 || first > 0xf4 || left < 4) return 0;
    if (!is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) return 0;
    const bool overlong = first == 0xf0 && p[1] < 0x90;
    const bool beyond = first == 0xf4 && p[1] > 0x8f;
    return overlong || beyond ? 0 : 4;
}

bool is_utf8_by_sequences(Span bytes) {
    constexpr uint64_t kHighBits = 0x8080808080808080u;
    while (bytes.at < bytes.end) {
        if (bytes.size() >= 8 && !(load_le64(bytes.at) & kHighBits)) {
            bytes.at += 8;
            continue;
        }
        const size_t length = sequence_length(bytes);
        if (!length) return false;
        bytes.at += length;
    }
    return true;
}

#ifdef HEADRACE_AVX2

constexpr size_t kBlock = 64;  // bytes, each a bit of a mask

// Up to 64 bytes. Comparisons are signed, so that ASCII bytes are greater than all others.
class Block {
public:
    // The 64 bytes from `bytes` on, except for the first `skipped`.
    HEADRACE_AVX2 explicit Block(const uint8_t* bytes, size_t skipped = 0)
        : low_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes))),
          high_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes) + 1)),
          skipped_(skipped) {}

    HEADRACE_AVX2 bool is_ascii() const { return !_mm256_movemask_epi8(_mm256_or_si256(low_, high_)); }
    HEADRACE_AVX2 uint64_t not_ascii() const { return mask(low_, high_); }

    // The bytes that are not ASCII and below `limit`.
    HEADRACE_AVX2 uint64_t below(uint8_t limit) const {
        const __m256i splat = _mm256_set1_epi8(static_cast<char>(limit));
        return mask(_mm256_cmpgt_epi8(splat, low_), _mm256_cmpgt_epi8(splat, high_));
    }

    HEADRACE_AVX2 uint64_t equal(uint8_t value) const {
        const __m256i splat = _mm256_set1_epi8(static_cast<char>(value));
        return mask(_mm256_cmpeq_epi8(splat, low_), _mm256_cmpeq_epi8(splat, high_));
    }

private:
    HEADRACE_AVX2 uint64_t mask(__m256i low, __m256i high) const {
        const auto bits = [](int from) { return static_cast<uint64_t>(static_cast<uint32_t>(from)); };
        return (bits(_mm256_movemask_epi8(low)) | bits(_mm256_movemask_epi8(high)) << 32) >> skipped_;
    }

    __m256i low_, high_;
    size_t skipped_;
};

// Validates the blocks of a text in order. Blocks of ASCII are skipped.
class BlockValidator {
public:
    // Whether block number `index` is valid after the blocks before it; `before` is the byte that precedes it.
    HEADRACE_AVX2 bool check(const Block& block, size_t index, uint8_t before) {
        const uint64_t high = block.not_ascii(), continuations = block.below(0xc0);
        const uint64_t lead_two = high & ~continuations;  // first bytes of sequences of at least two, three, four bytes
        const uint64_t lead_three = high & ~block.below(0xe0);
        uint64_t expected = pending_ | lead_two << 1 | lead_three << 2;
        uint64_t invalid = index == next_ ? 0 : pending_;
        pending_ = lead_two >> 63 | lead_three >> 62;
        next_ = index + 1;
        invalid |= block.below(0xc2) ^ continuations;  // 0xc0 and 0xc1 are never valid
        if (lead_three || before >= 0xe0) {
            const uint64_t lead_four = high & ~block.below(0xf0);
            expected |= lead_four << 3;
            pending_ |= lead_four >> 61;
            invalid |= invalid_second_bytes(block, before);
        }
        return !(invalid | (expected ^ continuations));
    }

    // Whether the last character is complete.
    bool is_complete() const { return !pending_; }

private:
    // Overlong forms, surrogates, and code points beyond U+10FFFF.
    HEADRACE_AVX2 static uint64_t invalid_second_bytes(const Block& block, uint8_t before) {
        const uint64_t below_a0 = block.below(0xa0), below_90 = block.below(0x90);
        return ((block.equal(0xe0) << 1 | (before == 0xe0)) & below_a0) |
               ((block.equal(0xed) << 1 | (before == 0xed)) & ~below_a0) |
               ((block.equal(0xf0) << 1 | (before == 0xf0)) & below_90) |
               ((block.equal(0xf4) << 1 | (before == 0xf4)) & ~below_90) |
               (block.not_ascii() & ~block.below(0xf5));
    }

    uint64_t pending_ = 0;  // bytes of the next block that must continue this block's last character
    size_t next_ = 0;        // the number of that block
};

// A bitmap of the blocks that are not all ASCII, computed without branches.
HEADRACE_AVX2 uint64_t find_non_ascii_blocks(const uint8_t* bytes, size_t blocks) {
    uint64_t found = 0;
    for (size_t i = 0; i < blocks; ++i) found |= static_cast<uint64_t>(!Block(bytes + i * kBlock).is_ascii()) << i;
    return found;
}

HEADRACE_AVX2 bool is_utf8_by_blocks(Span bytes) {
    constexpr size_t kGroup = 64;  // blocks per bitmap
    const uint8_t* const start = bytes.at;
    const size_t whole = bytes.size() / kBlock;
    BlockValidator validator;
    for (size_t first = 0; first < whole; first += kGroup) {
        uint64_t left = find_non_ascii_blocks(start + first * kBlock, whole - first < kGroup ? whole - first : kGroup);
        for (; left; left &= left - 1) {
            const size_t index = first + static_cast<size_t>(std::countr_zero(left));
            const uint8_t* at = start + index * kBlock;
            if (!validator.check(Block(at), index, index ? at[-1] : 0)) return false;
        }
    }
    const size_t rest = bytes.size() % kBlock;
    if (rest) {
        const Block last(bytes.end - kBlock, kBlock - rest);
        if (last.not_ascii() && !validator.check(last, whole, bytes.end[-static_cast<ptrdiff_t>(rest) - 1])) return false;
    }
    return validator.is_complete();
}

// Copies at least a block of bytes, and returns whether all are ASCII. The last block overlaps the one before it.
HEADRACE_AVX2 bool copy_is_ascii(Span bytes, uint8_t* to) {
    __m256i seen = _mm256_setzero_si256();
    const auto copy_block = [&](size_t at) HEADRACE_AVX2 {
        const auto* from = reinterpret_cast<const __m256i*>(bytes.at + at);
        const __m256i low = _mm256_loadu_si256(from), high = _mm256_loadu_si256(from + 1);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at), low);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at) + 1, high);
        seen = _mm256_or_si256(seen, _mm256_or_si256(low, high));
    };
    const size_t last = bytes.size() - kBlock;
    for (size_t at = 0; at < last; at += kBlock) copy_block(at);
    copy_block(last);
    return !_mm256_movemask_epi8(seen);
}

bool has_avx2() {
    static const bool has =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    return has;
}

#endif

}  // namespace

bool is_utf8_portable(Span bytes) { return is_utf8_by_sequences(bytes); }

bool is_utf8(Span bytes) {
#ifdef HEADRACE_AVX2
    if (bytes.size() >= kBlock && has_avx2()) return is_utf8_by_blocks(bytes);
#endif
    return is_utf8_by_sequences(bytes);
}

bool copy_utf8(Span bytes, uint8_t* to) {
#ifdef HEADRACE_AVX2
    if (bytes.size() >= kBlock && has_avx2()) return copy_is_ascii(bytes, to) || is_utf8_by_blocks(bytes);
#endif
    if (bytes.size()) std::memcpy(to, bytes.at, bytes.size());
    return is_utf8_by_sequences(bytes);
}

}  // namespace headrace
