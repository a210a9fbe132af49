// Assigns numbers to buckets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Writes to `out` the number of `edges`, in ascending order, at or below each value. NaN counts as above all edges.
void find_buckets(const float* values, size_t count, const float* edges, size_t edge_count, int64_t* out);
void find_buckets(const double* values, size_t count, const double* edges, size_t edge_count, int64_t* out);
void find_buckets(const int64_t* values, size_t count, const int64_t* edges, size_t edge_count, int64_t* out);

}  // namespace headrace
