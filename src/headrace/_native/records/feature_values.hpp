// The three kinds of list a tf.train.Feature can hold, read to the end of growing Arrow buffers.
#pragma once

#include <cstdint>

#include "bytes/buffer.hpp"
#include "records/wire.hpp"

namespace headrace {

// The numbers are those of the fields of tf.train.Feature.
enum Kind : uint32_t { kNoKind = 0, kBytes = 1, kFloat = 2, kInt64 = 3 };

// Each takes the message FloatList, Int64List or BytesList; false if it is malformed. Values may lie packed, in any
// number of pieces, or one by one.
struct FloatValues {
    static constexpr Kind kind = kFloat;
    Buffer<float> data;

    size_t size() const { return data.size(); }
    void reserve(size_t count) { data.reserve(count); }
    void truncate(size_t count) { data.truncate(count); }
    void fill(size_t count);
    bool take_list(Span list);
};

struct Int64Values {
    static constexpr Kind kind = kInt64;
    Buffer<int64_t> data;

    size_t size() const { return data.size(); }
    void reserve(size_t count) { data.reserve(count); }
    void truncate(size_t count) { data.truncate(count); }
    void fill(size_t count);
    bool take_list(Span list);
};

struct BytesValues {
    static constexpr Kind kind = kBytes;
    Buffer<uint8_t> data;
    Buffer<int64_t> offsets;  // [size() + 1]

    BytesValues() { offsets.push(0); }
    size_t size() const { return offsets.size() - 1; }
    void reserve(size_t count) { offsets.reserve(count + 1); }
    void truncate(size_t count);
    void fill(size_t count);
    bool take_list(Span list);
    Span value(size_t i) const { return {data.data() + offsets[i], data.data() + offsets[i + 1]}; }
};

}  // namespace headrace
