#include "utf8.hpp"

#include <cstring>

#include "little_endian.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace headrace {

namespace {

bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the well-formed sequence at the front, or 0.
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

bool by_sequences(Span bytes) {
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

#ifdef __SSE2__

constexpr size_t kBlock = 64;  // bytes, each a bit of a mask

// Sixty-four bytes. Comparisons are of signed bytes, so that ASCII is above all others.
class Block {
public:
    explicit Block(const uint8_t* from) {
        for (size_t i = 0; i < 4; ++i) vectors_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i);
    }

    bool is_ascii() const {
        const __m128i any = _mm_or_si128(_mm_or_si128(vectors_[0], vectors_[1]), _mm_or_si128(vectors_[2], vectors_[3]));
        return !_mm_movemask_epi8(any);
    }

    uint64_t not_ascii() const {
        return mask([](__m128i bytes) { return bytes; });
    }

    // Those that are no ASCII and below `limit`.
    uint64_t below(uint8_t limit) const {
        return mask([every = _mm_set1_epi8(static_cast<char>(limit))](__m128i bytes) { return _mm_cmplt_epi8(bytes, every); });
    }

    uint64_t equal(uint8_t value) const {
        return mask([every = _mm_set1_epi8(static_cast<char>(value))](__m128i bytes) { return _mm_cmpeq_epi8(bytes, every); });
    }

private:
    template <typename Test>
    uint64_t mask(Test&& test) const {
        uint64_t bits = 0;
        for (int i = 0; i < 4; ++i)
            bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(test(vectors_[i])))) << 16 * i;
        return bits;
    }

    __m128i vectors_[4];
};

constexpr uint64_t kLast = uint64_t{1} << (kBlock - 1);

// Overlong forms, surrogates, and what lies beyond Unicode's last character.
uint64_t wrong_seconds(const Block& block) {
    const uint64_t below_a0 = block.below(0xa0), below_90 = block.below(0x90);
    return (block.equal(0xe0) << 1 & below_a0) | (block.equal(0xed) << 1 & ~below_a0) |
           (block.equal(0xf0) << 1 & below_90) | (block.equal(0xf4) << 1 & ~below_90) |
           (block.not_ascii() & ~block.below(0xf5));
}

// Whether 64 bytes, which start with a character, are well-formed, but for a last one that goes on behind them: then it
// is told how many bytes come before it.
bool is_well_formed(const uint8_t* bytes, size_t& whole) {
    const Block block(bytes);
    const uint64_t high = block.not_ascii(), continuations = block.below(0xc0);
    const uint64_t of_two = high & ~continuations;  // starts of characters of so many bytes, or more
    const uint64_t of_three = high & ~block.below(0xe0);
    const uint64_t of_four = high & ~block.below(0xf0);
    const uint64_t expected = of_two << 1 | of_three << 2 | of_four << 3;
    uint64_t wrong = expected ^ continuations;
    wrong |= block.below(0xc2) ^ continuations;  // 0xc0 and 0xc1 start nothing
    if (of_three) wrong |= wrong_seconds(block);
    whole = kBlock;
    if ((of_two & kLast) | (of_three & kLast >> 1) | (of_four & kLast >> 2))
        whole = of_two & kLast ? kBlock - 1 : of_three & kLast >> 1 ? kBlock - 2 : kBlock - 3;
    return !wrong;
}

// Without a branch for each character.
bool by_blocks(Span bytes) {
    size_t whole;
    for (; bytes.size() >= kBlock; bytes.at += kBlock) {
        if (Block(bytes.at).is_ascii()) continue;
        if (!is_well_formed(bytes.at, whole)) return false;
        if (whole < kBlock) bytes.at -= kBlock - whole;  // a branch, so that the next block is loaded meanwhile
    }
    uint8_t last[kBlock] = {};  // what is no part of the text is ASCII, before which every character has ended
    if (bytes.size()) std::memcpy(last, bytes.at, bytes.size());
    return Block(last).is_ascii() || is_well_formed(last, whole);
}

#endif

}  // namespace

bool is_utf8(Span bytes) {
#ifdef __SSE2__
    if (bytes.size() >= kBlock) return by_blocks(bytes);
#endif
    return by_sequences(bytes);
}

}  // namespace headrace
