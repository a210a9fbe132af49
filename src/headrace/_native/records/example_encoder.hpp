// Encodes Arrow columns as framed tf.train.Example records.
#pragma once

#include <cstdint>
#include <vector>

#include "records/feature_writer.hpp"
#include "records/framing.hpp"

namespace headrace {

// Appends rows first, first + step, ... to `framed`, up to the first that cannot be encoded: its message exceeds protocol
// buffers' limit of 2 GiB, or a string is not UTF-8.
EncodingResult encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        FramedRecords& framed);

}  // namespace headrace
