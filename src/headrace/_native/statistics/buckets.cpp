#include "statistics/buckets.hpp"

#include <algorithm>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr size_t kBlock = 512;
constexpr size_t kMaxLinear = 24;  // edges; beyond, binary search is faster

// Counters are as wide as the values, so that both have the same number of vector lanes.
HEADRACE_TARGET_CLONES void count_edges_at_or_below(const float* x, const float* edges, size_t edge_count, int32_t* found) {
    for (size_t edge = 0; edge < edge_count; ++edge)
        for (size_t i = 0; i < kBlock; ++i) found[i] += x[i] >= edges[edge];
}

HEADRACE_TARGET_CLONES void count_edges_at_or_below(const double* x, const double* edges, size_t edge_count, int64_t* found) {
    for (size_t edge = 0; edge < edge_count; ++edge)
        for (size_t i = 0; i < kBlock; ++i) found[i] += x[i] >= edges[edge];
}

HEADRACE_TARGET_CLONES void count_edges_at_or_below(const int64_t* x, const int64_t* edges, size_t edge_count, int64_t* found) {
    for (size_t edge = 0; edge < edge_count; ++edge)
        for (size_t i = 0; i < kBlock; ++i) found[i] += x[i] >= edges[edge];
}

template <typename T, typename Counter>
void find(const T* values, size_t count, const T* edges, size_t edge_count, int64_t* out) {
    size_t done = 0;
    if (edge_count <= kMaxLinear) {
        for (; done + kBlock <= count; done += kBlock) {
            Counter found[kBlock] = {};
            count_edges_at_or_below(values + done, edges, edge_count, found);
            std::copy(found, found + kBlock, out + done);
        }
    }
    for (; done < count; ++done)
        out[done] = std::upper_bound(edges, edges + edge_count, values[done]) - edges;
    for (size_t i = 0; i < count; ++i)
        if (values[i] != values[i]) out[i] = static_cast<int64_t>(edge_count);
}

}  // namespace

void find_buckets(const float* values, size_t count, const float* edges, size_t edge_count, int64_t* out) {
    find<float, int32_t>(values, count, edges, edge_count, out);
}

void find_buckets(const double* values, size_t count, const double* edges, size_t edge_count, int64_t* out) {
    find<double, int64_t>(values, count, edges, edge_count, out);
}

void find_buckets(const int64_t* values, size_t count, const int64_t* edges, size_t edge_count, int64_t* out) {
    find<int64_t, int64_t>(values, count, edges, edge_count, out);
}

}  // namespace headrace
