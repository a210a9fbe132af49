// Random permutations that are evaluated one position at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace {

// Maps each position below `size` through a permutation of the numbers below `size`: a Feistel network with a round per
// key over the next power of four, and cycle walking. Source: Black and Rogaway, "Ciphers with arbitrary finite domains",
// 2002. Throws std::invalid_argument unless 1 <= size <= 2**62, and std::out_of_range for a position outside.
void permute(std::span<const int64_t> positions, int64_t size, std::span<const uint64_t> keys, int64_t* out);

}  // namespace headrace
