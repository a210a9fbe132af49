#include "files/frame_index.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bytes/little_endian.hpp"
#include "records/framing.hpp"

namespace headrace {

namespace {

constexpr uint64_t kMaxRecord = INT32_MAX;  // protocol buffers' limit for a message
constexpr size_t kStep = 256 << 10;         // bytes to read at a time while records are short
constexpr size_t kLongRecord = 8 << 10;     // from here on, reading each header costs less than reading all bytes

// Reads up to `size` bytes; fewer at the end of the file, or after an error.
size_t read_at(int file, uint8_t* to, size_t size, uint64_t offset) {
    size_t got = 0;
    while (got < size) {
        const ssize_t count = pread(file, to + got, size - got, static_cast<off_t>(offset + got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        got += static_cast<size_t>(count);
    }
    return got;
}

}  // namespace

FrameIndex index_frames(int file, uint64_t size) {
    FrameIndex index;
    Buffer<uint8_t> memory;
    uint8_t* bytes = memory.extend(kStep);
    uint64_t first = 0, end = 0;  // the part of the file in memory
    uint64_t at = 0, step = kStep;
    index.bounds.push(0);
    while (at < size) {
        if (size - at < kHeaderSize + kFooterSize) return index;
        if (at + kHeaderSize > end) {
            first = at;
            end = at + read_at(file, bytes, std::min<uint64_t>(step, size - at), at);
            if (at + kHeaderSize > end) return index;
        }
        const uint8_t* header = bytes + (at - first);
        if (!is_valid_header(header)) return index;
        const uint64_t length = load_le64(header);
        if (length > kMaxRecord || length > size - at - kHeaderSize - kFooterSize) return index;
        at += kHeaderSize + length + kFooterSize;
        step = length < kLongRecord ? kStep : kHeaderSize;
        index.bounds.push(static_cast<int64_t>(at));
    }
    index.is_complete = true;
    return index;
}

}  // namespace headrace
