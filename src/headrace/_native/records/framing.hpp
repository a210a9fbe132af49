// TFRecord framing. One record is
//     uint64 length | uint32 masked CRC-32C of those 8 bytes | data | uint32 masked CRC-32C of data
// all little-endian (tensorflow/core/lib/io/record_writer.h describes it).
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

constexpr size_t kHeaderSize = 12;
constexpr size_t kFooterSize = 4;

enum class FrameState : int {
    kComplete = 0,       // the bytes end where a record ends
    kPartial = 1,        // the bytes end inside a record
    kBadLengthSum = 2,   // a header whose checksum is wrong
    kBadDataSum = 3,     // data whose checksum is wrong
};

struct Frames {
    Buffer<int64_t> starts;   // of each record's data, in the scanned bytes
    Buffer<int64_t> lengths;  // of each record's data
    size_t end = 0;           // where the last good record ends
    FrameState state = FrameState::kComplete;
    uint64_t claimed = 0;     // length in the header of the record at `end`, if that header is there and good
};

// The records in `data` up to its end or the first bad one. Not `verify`: whoever reads the data checks their sums, by
// `is_intact`; those of the headers are checked here.
Frames scan_frames(const uint8_t* data, size_t size, bool verify = true);

// Whether a record's header, 12 bytes, matches its checksum.
bool is_header(const uint8_t* header);

// Whether the `length` bytes from `data` on match the checksum behind them, which is there.
bool is_intact(const uint8_t* data, size_t length);

// The frames, header and footer included, of `count` records whose data lie in `data`, end to end.
// Throws std::out_of_range if a frame lies outside `data`.
Buffer<uint8_t> gather_frames(const uint8_t* data, size_t size, const int64_t* starts, const int64_t* lengths,
                              size_t count);

// The first place where a record's header may start: one whose checksum is right, and whose record is no longer than
// what is left of the file, `left` bytes from `data` on, nor holds more than `most`. If there is none, the place from
// which on more bytes are needed to tell.
size_t find_header(const uint8_t* data, size_t size, uint64_t most, uint64_t left);

// Writes header and footer around `length` bytes of data that already lie at frame + kHeaderSize.
void close_frame(uint8_t* frame, size_t length);

}  // namespace headrace
