// Kernels over columns of strings in Arrow's layout: offsets into bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

// String i is data[offsets[i]] up to data[offsets[i + 1]]. The caller has checked that offsets ascend within the data.
struct Strings {
    const int32_t* offsets;
    size_t count;
    const uint8_t* data;
};

struct OwnedStrings {
    Buffer<uint8_t> data;
    Buffer<int32_t> offsets;  // [strings + 1]
};

struct Tokens {
    OwnedStrings strings;
    Buffer<int64_t> row_splits;  // the tokens of each string, [strings + 1]
};

// Entries of a byte table, [256], that are not the byte's replacement.
enum ByteAction : uint16_t {
    kDrop = 256,  // remove the byte
    kCut = 257,   // end a token
};

// Replaces or drops the bytes of each string; kCut acts like kDrop.
OwnedStrings map_bytes(const Strings& strings, const uint16_t* table);

// Splits each string at bytes that map to kCut, and replaces or drops the other bytes. Empty tokens are omitted.
Tokens cut_bytes(const Strings& strings, const uint16_t* table);

// Whether each of `count` strings is well-formed UTF-8; offsets ascend.
bool are_utf8(const int32_t* offsets, size_t count, const uint8_t* data);
bool are_utf8(const int64_t* offsets, size_t count, const uint8_t* data);

// MurmurHash3_x86_32 (Appleby, public domain) of each string, written to `hashes`.
void murmur3_32(const Strings& strings, uint32_t seed, uint32_t* hashes);

}  // namespace headrace
