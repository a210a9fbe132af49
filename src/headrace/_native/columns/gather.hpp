// Gathers rows of a chunked column into new memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "columns/chunked_column.hpp"

namespace headrace {

// Successive rows of one chunk. Small, since gathering single rows reads a run per row and column.
struct Run {
    int64_t start;
    uint32_t chunk;
    uint32_t length;
};

class Runs {
public:
    void reserve(size_t runs) { runs_.reserve(runs); }

    // Throws std::length_error if there are 2**63 rows or more.
    void add(uint32_t chunk, int64_t start, int64_t length);

    int64_t rows() const { return rows_; }
    size_t size() const { return runs_.size(); }
    const Run& operator[](size_t i) const { return runs_[i]; }
    auto begin() const { return runs_.begin(); }
    auto end() const { return runs_.end(); }

private:
    std::vector<Run> runs_;
    int64_t rows_ = 0;
};

// The buffers of an Arrow array; its first row is row 0.
struct GatheredColumn {
    int64_t rows = 0;
    int64_t nulls = 0;
    std::vector<Buffer<uint8_t>> buffers;  // the first is the validity bitmap, empty if no row is null
    std::vector<GatheredColumn> children;
};

// Gathers the rows of `runs`, which must lie within the chunks, in order. Throws std::invalid_argument if an offset
// descends or lies outside the values, std::overflow_error if offsets of 32 bits do not suffice for the result.
GatheredColumn gather(const ChunkedColumn& column, const Runs& runs);

}  // namespace headrace
