// Kernels over columns of strings (Arrow's layout: offsets into bytes).
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

// String i is data[offsets[i]] up to data[offsets[i + 1]]; the caller has checked that offsets never fall or leave data.
struct Strings {
    const int32_t* offsets;
    size_t count;
    const uint8_t* data;
};

struct OwnStrings {
    Buffer<uint8_t> data;
    Buffer<int32_t> offsets;  // [strings + 1]
};

struct Tokens {
    OwnStrings strings;
    Buffer<int64_t> row_splits;  // of each string in the tokens, [strings + 1]
};

// What becomes of each byte, [256]: another byte, or one of these.
constexpr uint16_t kDrop = 256, kCut = 257;

// Each string with its bytes replaced or dropped; kCut is as good as kDrop.
OwnStrings map_bytes(const Strings& strings, const uint16_t* table);

// The pieces of each string between bytes that are cut away, their bytes replaced or dropped; empty ones are left out.
Tokens cut_bytes(const Strings& strings, const uint16_t* table);

// MurmurHash3_x86_32 (Appleby, public domain) of each string, written to `hashes`.
void murmur3_32(const Strings& strings, uint32_t seed, uint32_t* hashes);

}  // namespace headrace
