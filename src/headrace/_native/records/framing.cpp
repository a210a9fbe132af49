#include "records/framing.hpp"

#include <stdexcept>
#include <utility>

#include "records/crc32c.hpp"
#include "bytes/little_endian.hpp"

namespace headrace {

bool is_valid_header(const uint8_t* header) { return mask_crc(crc32c_word(header)) == load_le32(header + 8); }

bool is_intact(const uint8_t* data, size_t length) { return mask_crc(crc32c(data, length)) == load_le32(data + length); }

Frames scan_frames(const uint8_t* data, size_t size, bool verify) {
    Frames frames;
    const auto stop = [&](FrameState state) -> Frames {
        frames.state = state;
        return std::move(frames);
    };
    for (;;) {
        const uint8_t* frame = data + frames.end;
        const size_t left = size - frames.end;
        frames.claimed_length = 0;
        if (left == 0) return stop(FrameState::kComplete);
        if (left < kHeaderSize) return stop(FrameState::kPartial);
        if (!is_valid_header(frame)) return stop(FrameState::kBadLengthChecksum);
        const uint64_t length = frames.claimed_length = load_le64(frame);
        if (left - kHeaderSize < kFooterSize || length > left - kHeaderSize - kFooterSize)
            return stop(FrameState::kPartial);
        const uint8_t* payload = frame + kHeaderSize;
        if (verify && !is_intact(payload, length)) return stop(FrameState::kBadDataChecksum);
        frames.starts.push(static_cast<int64_t>(frames.end + kHeaderSize));
        frames.lengths.push(static_cast<int64_t>(length));
        frames.end += kHeaderSize + length + kFooterSize;
    }
}

namespace {

// The start and end of the frame whose data are `length` bytes from `start` on.
std::pair<size_t, size_t> frame_span(int64_t start, int64_t length, size_t size) {
    const auto header = static_cast<int64_t>(kHeaderSize);
    const auto room = static_cast<int64_t>(size) - static_cast<int64_t>(kFooterSize);
    if (start < header || start > room || length < 0 || length > room - start)
        throw std::invalid_argument("a record lies outside the data");
    const auto first = static_cast<size_t>(start - header);
    return {first, first + kHeaderSize + static_cast<size_t>(length) + kFooterSize};
}

}  // namespace

Buffer<uint8_t> gather_frames(const uint8_t* data, size_t size, const int64_t* starts, const int64_t* lengths,
                              size_t count) {
    Buffer<uint8_t> gathered;
    size_t total = 0;
    for (size_t i = 0; i < count; ++i) {
        const auto [first, end] = frame_span(starts[i], lengths[i], size);
        total += end - first;
    }
    gathered.reserve(total);
    for (size_t i = 0; i < count;) {
        auto [first, end] = frame_span(starts[i], lengths[i], size);
        for (++i; i < count; ++i) {  // copy adjacent frames at once
            const auto [next, next_end] = frame_span(starts[i], lengths[i], size);
            if (next != end) break;
            end = next_end;
        }
        gathered.append(data + first, end - first);
    }
    return gathered;
}

Buffer<uint8_t> gather_checksums(const uint8_t* data, size_t size, const int64_t* starts, const int64_t* lengths,
                                 size_t count) {
    Buffer<uint8_t> gathered;
    gathered.reserve(count * kFooterSize);
    for (size_t i = 0; i < count; ++i) {
        const size_t end = frame_span(starts[i], lengths[i], size).second;
        gathered.append(data + end - kFooterSize, kFooterSize);
    }
    return gathered;
}

size_t find_header(const uint8_t* data, size_t size, uint64_t max_length, uint64_t left) {
    size_t at = 0;
    for (; at + kHeaderSize <= size && at + kHeaderSize + kFooterSize <= left; ++at) {
        const uint64_t length = load_le64(data + at);
        if (length <= max_length && length <= left - at - kHeaderSize - kFooterSize && is_valid_header(data + at)) return at;
    }
    return size < kHeaderSize ? 0 : size - kHeaderSize + 1;
}

void finish_frame(uint8_t* frame, size_t length) {
    store_le64(frame, length);
    store_le32(frame + 8, mask_crc(crc32c_word(frame)));
    store_le32(frame + kHeaderSize + length, mask_crc(crc32c(frame + kHeaderSize, length)));
}

}  // namespace headrace
