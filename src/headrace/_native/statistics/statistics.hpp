// Sums of a column that do not depend on the order of its rows, and its extremes; by group where asked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Which rows go where: row i to group `codes[i]` of `count`, or all to one group if there are no codes.
struct Groups {
    const int32_t* codes;  // or null
    size_t count;

    size_t start(size_t row, size_t width) const { return codes ? static_cast<size_t>(codes[row]) * width : 0; }
};

// Both leave out NaN, and rows whose weight is not a finite number above 0.
constexpr size_t kMomentFields = 7;  // weight, sum, sum of squares: each high and low; sum of infinities
constexpr size_t kExtremaFields = 2;  // smallest, largest

// Adds to `out` [groups, width, kMomentFields]. Sums are unevaluated pairs of doubles: some 106 bits.
template <typename T>
void add_moments(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out);

// Lowers and raises `out` [groups, width, kExtremaFields].
template <typename T>
void add_extrema(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out);

}  // namespace headrace
