// Encodes Arrow columns as framed tf.train.SequenceExample records.
#pragma once

#include <cstdint>
#include <vector>

#include "records/feature_writer.hpp"
#include "records/framing.hpp"

namespace headrace {

// Row r consists of the steps from row_splits[r] up to row_splits[r + 1]. The caller has checked the bounds.
struct FeatureListView {
    ColumnView steps;  // one row per step, all present
    const int64_t* row_splits = nullptr;
    const uint8_t* present = nullptr;  // one byte per row; null: all rows are present
};

// Appends rows first, first + step, ... to `framed`, up to the first that cannot be encoded: its message exceeds protocol
// buffers' limit of 2 GiB, or a string is not UTF-8.
EncodingResult encode_sequence_examples(const std::vector<ColumnView>& context, const std::vector<FeatureListView>& lists,
                                 int64_t first, int64_t rows, int64_t step, FramedRecords& framed);

}  // namespace headrace
