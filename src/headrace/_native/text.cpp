#include "text.hpp"

#include <bit>

#include "little_endian.hpp"

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

// What each byte becomes in a token; 0 in `keep` ends the token.
struct ByteMap {
    uint8_t keep[256];
    uint8_t to[256];

    ByteMap(const uint8_t* is_token, bool lower_ascii) {
        for (int byte = 0; byte < 256; ++byte) {
            keep[byte] = is_token[byte] != 0;
            to[byte] = static_cast<uint8_t>(lower_ascii && byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
        }
    }
};

void tokenize_one(const uint8_t* at, const uint8_t* end, const ByteMap& map, Tokens& out) {
    while (at < end) {
        while (at < end && !map.keep[*at]) ++at;
        if (at == end) return;
        const uint8_t* start = at;
        while (at < end && map.keep[*at]) ++at;
        uint8_t* to = out.data.extend(static_cast<size_t>(at - start));
        for (const uint8_t* from = start; from < at; ++from) *to++ = map.to[*from];
        out.offsets.push(static_cast<int32_t>(out.data.size()));
    }
}

}  // namespace

Tokens tokenize(const Strings& strings, const uint8_t* is_token, bool lower_ascii) {
    const ByteMap map(is_token, lower_ascii);
    const size_t total = strings.count ? static_cast<size_t>(strings.offsets[strings.count] - strings.offsets[0]) : 0;
    Tokens out;
    out.data.reserve(total);
    out.offsets.push(0);
    out.row_splits.reserve(strings.count + 1);
    out.row_splits.push(0);
    for (size_t i = 0; i < strings.count; ++i) {
        tokenize_one(strings.data + strings.offsets[i], strings.data + strings.offsets[i + 1], map, out);
        out.row_splits.push(static_cast<int64_t>(out.offsets.size() - 1));
    }
    return out;
}

void murmur3_32(const Strings& strings, uint32_t seed, uint32_t* hashes) {
    for (size_t i = 0; i < strings.count; ++i) {
        const int32_t start = strings.offsets[i];
        hashes[i] = murmur3_32(strings.data + start, static_cast<size_t>(strings.offsets[i + 1] - start), seed);
    }
}

}  // namespace headrace
