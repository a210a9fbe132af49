// The three kinds of list that a tf.train.Feature can hold, parsed into growing Arrow buffers.
#pragma once

#include <cstdint>

#include "bytes/buffer.hpp"
#include "records/wire.hpp"

namespace headrace {

// The values are the field numbers of tf.train.Feature.
enum ValueKind : uint32_t { kNoKind = 0, kBytes = 1, kFloat = 2, kInt64 = 3 };

// `read_list` appends the values of a FloatList, Int64List or BytesList message and returns false if it is malformed.
// Values may be packed, in any number of pieces, or unpacked. `append_defaults` appends zeros, or empty strings.
struct FloatValues {
    static constexpr ValueKind kind = kFloat;
    Buffer<float> data;

    size_t size() const { return data.size(); }
    void reserve(size_t count) { data.reserve(count); }
    void truncate(size_t count) { data.truncate(count); }
    void append_defaults(size_t count);
    bool read_list(Span list);
};

struct Int64Values {
    static constexpr ValueKind kind = kInt64;
    Buffer<int64_t> data;

    size_t size() const { return data.size(); }
    void reserve(size_t count) { data.reserve(count); }
    void truncate(size_t count) { data.truncate(count); }
    void append_defaults(size_t count);
    bool read_list(Span list);
};

struct BytesValues {
    static constexpr ValueKind kind = kBytes;
    Buffer<uint8_t> data;
    Buffer<int64_t> offsets;  // [size() + 1]

    BytesValues() { offsets.push(0); }
    size_t size() const { return offsets.size() - 1; }
    void reserve(size_t count) { offsets.reserve(count + 1); }
    void truncate(size_t count);
    void append_defaults(size_t count);
    bool read_list(Span list);
    Span value(size_t i) const { return {data.data() + offsets[i], data.data() + offsets[i + 1]}; }
};

}  // namespace headrace
