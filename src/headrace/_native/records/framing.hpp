// TFRecord framing. Each record is
//     uint64 length | uint32 masked CRC-32C of those 8 bytes | data | uint32 masked CRC-32C of data
// all little-endian (see tensorflow/core/lib/io/record_writer.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

constexpr size_t kHeaderSize = 12;
constexpr size_t kFooterSize = 4;

enum class FrameState : int {
    kComplete = 0,           // the data end where a record ends
    kPartial = 1,            // the data end inside a record
    kBadLengthChecksum = 2,  // a header does not match its checksum
    kBadDataChecksum = 3,    // data do not match their checksum
};

struct Frames {
    Buffer<int64_t> starts;   // where each record's data start in the scanned bytes
    Buffer<int64_t> lengths;  // the length of each record's data
    size_t end = 0;           // where the last intact record ends
    FrameState state = FrameState::kComplete;
    uint64_t claimed_length = 0;  // the length in the header at `end`, if that header is complete and valid
};

struct FramedRecords {
    Buffer<uint8_t> frames;
    Buffer<uint8_t> checksums;  // the footers of the frames
};

// Finds the records in `data` up to its end or the first corrupt record. Header checksums are always verified; without
// `verify`, the reader of the data must verify theirs with `is_intact`.
Frames scan_frames(const uint8_t* data, size_t size, bool verify = true);

// Whether the 12 bytes of a record's header match their checksum.
bool is_valid_header(const uint8_t* header);

// Whether `length` bytes from `data` on match the checksum that follows them. The caller has checked the bounds.
bool is_intact(const uint8_t* data, size_t length);

// Concatenates the frames (header, data and footer) of `count` records whose data lie in `data`.
// Throws std::invalid_argument if a frame lies outside `data`.
Buffer<uint8_t> gather_frames(const uint8_t* data, size_t size, const int64_t* starts, const int64_t* lengths,
                              size_t count);

// Concatenates the footers of `count` records whose data lie in `data`: the stored checksums, 4 bytes each.
// Throws std::invalid_argument if a frame lies outside `data`.
Buffer<uint8_t> gather_checksums(const uint8_t* data, size_t size, const int64_t* starts, const int64_t* lengths,
                                 size_t count);

// Finds the first position where a record header may start: its checksum matches, its record fits into the `left` bytes
// that the file has from `data` on, and its data are at most `max_length` bytes long. Otherwise returns the position from
// which the search must continue once more bytes are available.
size_t find_header(const uint8_t* data, size_t size, uint64_t max_length, uint64_t left);

// Writes the header and footer around `length` bytes of data already stored at frame + kHeaderSize.
void finish_frame(uint8_t* frame, size_t length);

}  // namespace headrace
