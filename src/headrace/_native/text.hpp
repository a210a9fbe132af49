// Kernels over columns of strings (Arrow's layout: offsets into bytes).
#pragma once

#include <cstddef>
#include <cstdint>

#include "buffer.hpp"

namespace headrace {

// String i is data[offsets[i]] up to data[offsets[i + 1]]; the caller has checked that offsets never fall or leave data.
struct Strings {
    const int32_t* offsets;
    size_t count;
    const uint8_t* data;
};

struct Tokens {
    Buffer<uint8_t> data;
    Buffer<int32_t> offsets;     // of each token in data, [tokens + 1]
    Buffer<int64_t> row_splits;  // of each string in the tokens, [strings + 1]
};

// The maximal runs of bytes for which `is_token` (256 entries) is not zero.
Tokens tokenize(const Strings& strings, const uint8_t* is_token, bool lower_ascii);

// MurmurHash3_x86_32 (Appleby, public domain) of each string, written to `hashes`.
void murmur3_32(const Strings& strings, uint32_t seed, uint32_t* hashes);

}  // namespace headrace
