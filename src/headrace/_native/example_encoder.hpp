// Arrow columns to framed tf.train.Example records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "buffer.hpp"
#include "feature_values.hpp"

namespace headrace {

// A column's memory, borrowed. Row r has the values from row_splits[r] up to row_splits[r + 1], or without row_splits
// the r-th `count` values. The caller has checked that all of them are there.
struct ColumnView {
    std::string name;
    Kind kind;
    const float* floats = nullptr;
    const int64_t* ints = nullptr;
    const uint8_t* bytes = nullptr;
    const int64_t* offsets = nullptr;     // of bytes values
    const int64_t* row_splits = nullptr;
    int64_t count = 1;
    const uint8_t* present = nullptr;     // a byte a row, or null: all are
};

// The first row whose message passes protocol buffers' limit of 2 GiB, or -1.
int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        Buffer<uint8_t>& framed);

}  // namespace headrace
