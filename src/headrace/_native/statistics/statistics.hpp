// Sums of a column that are independent of the order of its rows, and its extrema; optionally by group.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Assigns row i to group `codes[i]` of `count` groups, or without codes, all rows to a single group.
struct Groups {
    const int32_t* codes;  // or null
    size_t count;

    size_t start(size_t row, size_t width) const { return codes ? static_cast<size_t>(codes[row]) * width : 0; }
};

// Both functions skip NaN, and rows whose weight is not a finite positive number.
constexpr size_t kMomentFields = 7;  // high and low parts of weight, sum and sum of squares; sum of infinities
constexpr size_t kExtremaFields = 2;  // smallest, largest

// Adds to `out` [groups, width, kMomentFields]. Sums are unevaluated pairs of doubles, with about 106 bits.
template <typename T>
void add_moments(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out);

// Adds row i of `states` [rows, width, stride] to row places[i] of `out` [groups, width, stride]: the first
// kMomentFields of each `stride` doubles.
void merge_moments(const double* states, size_t rows, size_t width, size_t stride, const int64_t* places, double* out);

// Updates `out` [groups, width, kExtremaFields].
template <typename T>
void add_extrema(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out);

}  // namespace headrace
