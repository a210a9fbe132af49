#include "feature_values.hpp"

#include <bit>
#include <cstring>

#include "little_endian.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace headrace {

namespace {

constexpr uint8_t kPackedTag = 1 << 3 | kLengthDelimited;

bool take_packed_varints(Span packed, Buffer<int64_t>& data) {
    const size_t before = data.size();
    int64_t* to = data.extend(packed.size());  // at most one value a byte
    size_t count = 0;
    uint64_t value;
    while (packed.at < packed.end) {
        if (!take_varint(packed, value)) return false;
        to[count++] = static_cast<int64_t>(value);
    }
    data.truncate(before + count);
    return true;
}

}  // namespace

void FloatValues::fill(size_t count) { data.append_zeros(count); }

bool FloatValues::take_list(Span list) {
    if (unwrap_only_field(list, kPackedTag) && list.size() % sizeof(float) == 0) {
        data.append(list.at, list.size() / sizeof(float));
        return true;
    }
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (!field.is(1, kLengthDelimited) && !field.is(1, kFixed32)) continue;
        if (field.bytes.size() % sizeof(float)) return false;
        data.append(field.bytes.at, field.bytes.size() / sizeof(float));
    }
    return !fields.malformed();
}

void Int64Values::fill(size_t count) { data.append_zeros(count); }

bool Int64Values::take_list(Span list) {
    if (unwrap_only_field(list, kPackedTag)) return take_packed_varints(list, data);
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (field.is(1, kVarint)) data.push(static_cast<int64_t>(field.varint));
        if (field.is(1, kLengthDelimited) && !take_packed_varints(field.bytes, data)) return false;
    }
    return !fields.malformed();
}

void BytesValues::truncate(size_t count) {
    offsets.truncate(count + 1);
    data.truncate(static_cast<size_t>(offsets[count]));
}

void BytesValues::fill(size_t count) {
    for (size_t i = 0; i < count; ++i) offsets.push(static_cast<int64_t>(data.size()));
}

bool BytesValues::take_list(Span list) {
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (!field.is(1, kLengthDelimited)) continue;
        data.append(field.bytes.at, field.bytes.size());
        offsets.push(static_cast<int64_t>(data.size()));
    }
    return !fields.malformed();
}

namespace {

bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the well-formed sequence at the front (Unicode 15, table 3-7), or 0.
size_t utf8_sequence(Span bytes) {
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

}  // namespace

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080u;

#ifdef __SSE2__

// Whole blocks of ASCII, and of the next block what comes before the first byte that is none.
void skip_ascii_blocks(Span& bytes) {
    constexpr size_t kVector = sizeof(__m128i), kBlock = 4 * kVector;
    for (; bytes.size() >= kBlock; bytes.at += kBlock) {
        __m128i vectors[4];
        for (size_t i = 0; i < 4; ++i)  // one by one: a copy of all would go through memory
            vectors[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.at + i * kVector));
        const __m128i any = _mm_or_si128(_mm_or_si128(vectors[0], vectors[1]), _mm_or_si128(vectors[2], vectors[3]));
        if (!_mm_movemask_epi8(any)) continue;
        uint64_t high = 0;  // a bit a byte
        for (int i = 0; i < 4; ++i)
            high |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(vectors[i]))) << kVector * i;
        bytes.at += std::countr_zero(high);
        return;
    }
}

#else

void skip_ascii_blocks(Span&) {}

#endif

// Moves past ASCII, many bytes at a time.
void skip_ascii(Span& bytes) {
    skip_ascii_blocks(bytes);
    for (; bytes.size() >= 8; bytes.at += 8) {
        const uint64_t high = load_le64(bytes.at) & kHighBits;
        if (!high) continue;
        bytes.at += std::countr_zero(high) / 8;
        return;
    }
    while (bytes.at < bytes.end && *bytes.at < 0x80) ++bytes.at;
}

}  // namespace

bool is_utf8(Span bytes) {
    for (skip_ascii(bytes); bytes.at < bytes.end; skip_ascii(bytes)) {
        do {
            const size_t length = utf8_sequence(bytes);
            if (!length) return false;
            bytes.at += length;
        } while (bytes.at < bytes.end && *bytes.at >= 0x80);
    }
    return true;
}

}  // namespace headrace
