#include "framing.hpp"

#include "crc32c.hpp"
#include "little_endian.hpp"

namespace headrace {

Frames scan_frames(const uint8_t* data, size_t size) {
    Frames frames;
    const auto stop = [&](FrameState state) -> Frames {
        frames.state = state;
        return std::move(frames);
    };
    for (;;) {
        const uint8_t* frame = data + frames.end;
        const size_t left = size - frames.end;
        frames.claimed = 0;
        if (left == 0) return stop(FrameState::kComplete);
        if (left < kHeaderSize) return stop(FrameState::kPartial);
        if (masked(crc32c(frame, 8)) != load_le32(frame + 8)) return stop(FrameState::kBadLengthSum);
        const uint64_t length = frames.claimed = load_le64(frame);
        if (left - kHeaderSize < kFooterSize || length > left - kHeaderSize - kFooterSize)
            return stop(FrameState::kPartial);
        const uint8_t* payload = frame + kHeaderSize;
        if (masked(crc32c(payload, length)) != load_le32(payload + length)) return stop(FrameState::kBadDataSum);
        frames.starts.push(static_cast<int64_t>(frames.end + kHeaderSize));
        frames.lengths.push(static_cast<int64_t>(length));
        frames.end += kHeaderSize + length + kFooterSize;
    }
}

void close_frame(uint8_t* frame, size_t length) {
    store_le64(frame, length);
    store_le32(frame + 8, masked(crc32c(frame, 8)));
    store_le32(frame + kHeaderSize + length, masked(crc32c(frame + kHeaderSize, length)));
}

}  // namespace headrace
