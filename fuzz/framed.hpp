// Frames records as in a TFRecord file.
#pragma once

#include <cstring>
#include <vector>

#include "bytes/buffer.hpp"
#include "input.hpp"
#include "records/framing.hpp"

namespace fuzz {

inline headrace::Buffer<uint8_t> frame_records(const std::vector<Block>& records) {
    headrace::Buffer<uint8_t> file;
    for (const Block& record : records) {
        uint8_t* frame = file.extend(headrace::kHeaderSize + record.size() + headrace::kFooterSize);
        if (record.size()) std::memcpy(frame + headrace::kHeaderSize, record.data(), record.size());
        headrace::finish_frame(frame, record.size());
    }
    return file;
}

}  // namespace fuzz
