// Gathers lists of a chunked column as rows of one length.
#pragma once

#include <cstdint>
#include <span>

#include "bytes/buffer.hpp"
#include "columns/chunked_column.hpp"
#include "columns/gather.hpp"

namespace headrace {

struct PaddedLists {
    Buffer<uint8_t> values;  // rows of `length` values
    Buffer<int64_t> counts;  // the values of each list
    int64_t length = 0;
};

// Writes the first `length` values of each list of `runs`, then `fill` up to `length`. A `length` of -1 is that of the
// longest list, at least 1, rounded up to `multiple_of`. `fill` is one value; its size is that of the values. Throws
// std::invalid_argument unless the column has lists of values of that size without nulls, if an offset descends or lies
// outside the values, or if the rows are too large.
PaddedLists gather_padded(const ChunkedColumn& column, const Runs& runs, int64_t length, int64_t multiple_of,
                          std::span<const uint8_t> fill);

}  // namespace headrace
