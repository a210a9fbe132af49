// Numbers to the buckets they fall into.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// How many of the rising `edges` are at or below each value, written to `out`; NaN has all below it, as an edge above it.
void find_buckets(const float* values, size_t count, const float* edges, size_t edge_count, int64_t* out);
void find_buckets(const double* values, size_t count, const double* edges, size_t edge_count, int64_t* out);
void find_buckets(const int64_t* values, size_t count, const int64_t* edges, size_t edge_count, int64_t* out);

}  // namespace headrace
