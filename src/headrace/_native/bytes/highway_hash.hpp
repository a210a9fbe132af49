// HighwayHash-64, the checksum of Riegeli and ArrayRecord files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace headrace {

// Source: Alakuijala, Cox and Wassenberg, "Fast keyed hash/pseudo-random function using SIMD multiply and permute", 2016.
uint64_t highway_hash(const uint8_t* data, size_t size, const std::array<uint64_t, 4>& key);

}  // namespace headrace
