// Encodes Arrow columns as framed tf.train.Example records.
#pragma once

#include <cstdint>
#include <vector>

#include "records/feature_writer.hpp"
#include "records/framing.hpp"

namespace headrace {

// Appends rows first, first + step, ... to `framed`. Returns the first row whose message exceeds protocol buffers' limit
// of 2 GiB, or -1.
int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        FramedRecords& framed);

}  // namespace headrace
