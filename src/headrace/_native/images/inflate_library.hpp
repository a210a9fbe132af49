// The zlib of this system, found at run time by its symbols: nothing is linked or shipped for it.
//
// The structure describes the binary interface of zlib 1; `inflateInit_` compares version and size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/span.hpp"

namespace headrace {

struct InflateState {
    const uint8_t* input;
    unsigned input_left;
    unsigned long input_total;
    uint8_t* output;
    unsigned output_left;
    unsigned long output_total;
    const char* message;
    void* internals;
    void* allocate;
    void* free;
    void* owner;
    int data_type;
    unsigned long checksum;
    unsigned long reserved;
};

// Finds zlib among the libraries that a loaded module depends on, or else by its usual name; returns whether it has the
// expected interface. An empty `module` is skipped.
bool open_inflate_library(const char* module);

// Computes the CRC-32 of zlib; `open_inflate_library` must have succeeded.
uint32_t crc32(Span bytes);

// Decompresses one zlib stream after another. Not to be copied: zlib's state refers to its place.
class Inflater {
public:
    Inflater() = default;
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // Begins a stream that holds `size` bytes, at most 2^32 - 1. Returns false if no library was opened.
    bool begin(uint8_t* output, size_t size);

    // Decompresses the next part of the stream; returns false if it is damaged or has more bytes than expected.
    bool append(Span part);

    // Whether the stream has ended, and had the expected size.
    bool is_complete() const { return is_at_end_ && state_.output_left == 0; }

private:
    InflateState state_{};
    bool is_created_ = false, is_at_end_ = false;
};

}  // namespace headrace
