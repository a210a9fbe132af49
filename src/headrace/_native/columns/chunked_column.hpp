// One column of several Arrow arrays ("chunks"), whose memory other objects own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "columns/arrow_c.hpp"

namespace headrace {

// How the values of a type are stored. Types of the same storage are gathered alike.
enum class Storage { kUnsupported, kNull, kBoolean, kFixedWidth, kBinary, kList, kFixedSizeList, kStruct };

// One chunk. The sizes of its buffers are verified, the offsets in them are not.
struct ChunkView {
    int64_t offset = 0;  // the first row in the bitmaps and in the children of a struct or a fixed-size list
    const uint8_t* validity = nullptr;  // null if no row is null
    const uint8_t* offsets = nullptr;   // of the first row on
    const uint8_t* values = nullptr;    // fixed width: of the first row on
    int64_t value_limit = 0;            // binary: bytes of `values`; lists: rows of the child
};

struct ChunkedColumn {
    Storage storage = Storage::kUnsupported;
    bool has_wide_offsets = false;  // 64 bits instead of 32
    int64_t width = 0;              // bytes of a value, or values of a fixed-size list
    std::vector<ChunkView> chunks;
    std::vector<ChunkedColumn> children;

    ChunkedColumn() = default;

    // A column of this type without chunks. Dictionaries, unions, views and run-end encoding are not supported.
    explicit ChunkedColumn(const ArrowSchema& schema) : ChunkedColumn(schema, 0) {}

    // Adds an array of the column's type. `sizes`: the bytes of its buffers, depth first, 0 if absent. Throws
    // std::invalid_argument if a buffer or a child is too small, or if the array is of another type.
    void add_chunk(const ArrowArray& array, std::span<const int64_t> sizes);

private:
    ChunkedColumn(const ArrowSchema& schema, int depth);
    std::span<const int64_t> add(const ArrowArray& array, std::span<const int64_t> sizes);
};

}  // namespace headrace
