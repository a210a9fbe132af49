// Packs items of given lengths into few bins of one capacity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace {

constexpr size_t kMaxCapacity = size_t{1} << 20;

// Writes the bin of each item to `bins` and returns the number of bins. Best-fit decreasing: the longest item comes
// first, and goes into the fullest bin that has room for it. Bins are numbered in the order in which they are opened.
// Throws std::invalid_argument unless each length is from 1 to `capacity`, and `capacity` at most `kMaxCapacity`.
size_t pack_lengths(std::span<const int64_t> lengths, size_t capacity, int64_t* bins);

}  // namespace headrace
