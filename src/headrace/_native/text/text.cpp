#include "text/text.hpp"

#include <bit>

#include "bytes/little_endian.hpp"

namespace headrace {

namespace {

uint32_t scramble(uint32_t k) { return std::rotl(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

uint32_t murmur3_32(const uint8_t* key, size_t length, uint32_t seed) {
    uint32_t h = seed;
    size_t at = 0;
    for (; at + 4 <= length; at += 4) h = std::rotl(h ^ scramble(load_le32(key + at)), 13) * 5 + 0xe6546b64u;
    uint32_t rest = 0;
    for (size_t i = length; i > at; --i) rest = rest << 8 | key[i - 1];
    if (length > at) h ^= scramble(rest);
    h ^= static_cast<uint32_t>(length);
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

size_t total_bytes(const Strings& strings) {
    return strings.count ? static_cast<size_t>(strings.offsets[strings.count] - strings.offsets[0]) : 0;
}

struct Range {
    const uint8_t* at;
    const uint8_t* end;
};

Range bytes_of(const Strings& strings, size_t i) {
    return {strings.data + strings.offsets[i], strings.data + strings.offsets[i + 1]};
}

// Writes the string's tokens to `to`, which has space for all of its bytes. Returns the end of the output.
uint8_t* cut_string(Range bytes, const uint16_t* table, uint8_t* to, const uint8_t* start, Buffer<int32_t>& offsets) {
    const uint8_t* token = to;
    for (; bytes.at < bytes.end; ++bytes.at) {
        const uint16_t mapped = table[*bytes.at];
        if (mapped == kCut) {
            if (to != token) offsets.push(static_cast<int32_t>(to - start));
            token = to;
        } else {
            *to = static_cast<uint8_t>(mapped);
            to += mapped < kDrop;
        }
    }
    if (to != token) offsets.push(static_cast<int32_t>(to - start));
    return to;
}

}  // namespace

OwnedStrings map_bytes(const Strings& strings, const uint16_t* table) {
    OwnedStrings out;
    uint8_t* const start = out.data.extend(total_bytes(strings));
    uint8_t* to = start;
    int32_t* end = out.offsets.extend(strings.count + 1);
    *end = 0;
    for (size_t i = 0; i < strings.count; ++i) {
        for (auto [at, last] = bytes_of(strings, i); at < last; ++at) {
            *to = static_cast<uint8_t>(table[*at]);
            to += table[*at] < kDrop;
        }
        *++end = static_cast<int32_t>(to - start);
    }
    out.data.truncate(static_cast<size_t>(to - start));
    return out;
}

Tokens cut_bytes(const Strings& strings, const uint16_t* table) {
    Tokens out;
    uint8_t* const start = out.strings.data.extend(total_bytes(strings));
    uint8_t* to = start;
    out.strings.offsets.push(0);
    int64_t* splits = out.row_splits.extend(strings.count + 1);
    *splits = 0;
    for (size_t i = 0; i < strings.count; ++i) {
        to = cut_string(bytes_of(strings, i), table, to, start, out.strings.offsets);
        *++splits = static_cast<int64_t>(out.strings.offsets.size() - 1);
    }
    out.strings.data.truncate(static_cast<size_t>(to - start));
    return out;
}

void murmur3_32(const Strings& strings, uint32_t seed, uint32_t* hashes) {
    for (size_t i = 0; i < strings.count; ++i) {
        const int32_t start = strings.offsets[i];
        hashes[i] = murmur3_32(strings.data + start, static_cast<size_t>(strings.offsets[i + 1] - start), seed);
    }
}

}  // namespace headrace
