// The index of a record file: where its records start.
#pragma once

#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

struct FrameIndex {
    Buffer<int64_t> bounds;    // where each frame starts, and where the last one ends
    bool is_complete = false;  // whether the frames fill the file
};

// Follows the headers of a local file of `size` bytes, whose checksums it verifies, up to its end or the first header that
// is wrong or cannot be read. The data of long records are not read, and those of short ones not verified.
FrameIndex index_frames(int file, uint64_t size);

}  // namespace headrace
