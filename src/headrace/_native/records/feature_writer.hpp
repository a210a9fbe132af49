// Columns' values as tf.train.Feature messages: measured first, since lengths come before what they count.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "records/feature_values.hpp"

namespace headrace {

// A column's memory, borrowed. Row r has the values from row_splits[r] up to row_splits[r + 1], or without row_splits
// the r-th `count` values. The caller has checked that all of them are there.
struct ColumnView {
    std::string name;
    Kind kind;
    const float* floats = nullptr;
    const int64_t* ints = nullptr;
    const uint8_t* bytes = nullptr;
    const int64_t* offsets = nullptr;     // of bytes values
    const int64_t* row_splits = nullptr;
    int64_t count = 1;
    const uint8_t* present = nullptr;     // a byte a row, or null: all are
};

inline constexpr uint8_t kFirstField = 1 << 3 | 2;   // a length-delimited field 1, 2
inline constexpr uint8_t kSecondField = 2 << 3 | 2;
inline constexpr uint64_t kLargestMessage = std::numeric_limits<int32_t>::max();

inline uint64_t varint_size(uint64_t value) { return (static_cast<uint64_t>(std::bit_width(value | 1)) + 6) / 7; }

// Of a length-delimited field with a one-byte tag.
inline uint64_t field_size(uint64_t length) { return 1 + varint_size(length) + length; }

inline uint8_t* write_varint(uint8_t* to, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<uint8_t>(value | 0x80);
    *to++ = static_cast<uint8_t>(value);
    return to;
}

inline uint8_t* write_field(uint8_t* to, uint8_t tag, uint64_t length) {
    *to++ = tag;
    return write_varint(to, length);
}

inline uint8_t* write_bytes(uint8_t* to, const void* from, uint64_t length) {
    if (length) std::memcpy(to, from, length);
    return to + length;
}

// One feature of one row or step, with the lengths of the messages it nests in, innermost first.
struct Cell {
    int64_t begin = 0;
    int64_t end = 0;
    bool present = false;
    uint64_t packed = 0;   // the numbers, packed
    uint64_t list = 0;     // FloatList, Int64List or BytesList
    uint64_t feature = 0;  // Feature
};

inline uint64_t packed_size(const ColumnView& column, const Cell& cell) {
    if (column.kind == kFloat) return static_cast<uint64_t>(cell.end - cell.begin) * sizeof(float);
    uint64_t size = 0;
    for (int64_t i = cell.begin; i < cell.end; ++i) size += varint_size(static_cast<uint64_t>(column.ints[i]));
    return size;
}

inline uint64_t bytes_list_size(const ColumnView& column, const Cell& cell) {
    uint64_t size = 0;
    for (int64_t i = cell.begin; i < cell.end; ++i)
        size += field_size(static_cast<uint64_t>(column.offsets[i + 1] - column.offsets[i]));
    return size;
}

inline Cell measure(const ColumnView& column, int64_t row) {
    Cell cell;
    cell.present = !column.present || column.present[row];
    if (!cell.present) return cell;
    cell.begin = column.row_splits ? column.row_splits[row] : row * column.count;
    cell.end = column.row_splits ? column.row_splits[row + 1] : cell.begin + column.count;
    if (column.kind == kBytes) {
        cell.list = bytes_list_size(column, cell);
    } else if (cell.begin < cell.end) {
        cell.packed = packed_size(column, cell);
        cell.list = field_size(cell.packed);
    }
    cell.feature = field_size(cell.list);
    return cell;
}

inline uint8_t* write_values(uint8_t* to, const ColumnView& column, const Cell& cell) {
    if (column.kind == kBytes) {
        for (int64_t i = cell.begin; i < cell.end; ++i) {
            const auto length = static_cast<uint64_t>(column.offsets[i + 1] - column.offsets[i]);
            to = write_bytes(write_field(to, kFirstField, length), column.bytes + column.offsets[i], length);
        }
        return to;
    }
    if (cell.begin == cell.end) return to;
    to = write_field(to, kFirstField, cell.packed);
    if (column.kind == kFloat) return write_bytes(to, column.floats + cell.begin, cell.packed);
    for (int64_t i = cell.begin; i < cell.end; ++i) to = write_varint(to, static_cast<uint64_t>(column.ints[i]));
    return to;
}

// Of a map's entry in its message.
inline uint64_t entry_size(const std::string& name, uint64_t value) {
    return field_size(field_size(name.size()) + field_size(value));
}

// A map's entry up to its value, which is `value` bytes long.
inline uint8_t* open_entry(uint8_t* to, const std::string& name, uint64_t value) {
    to = write_field(to, kFirstField, field_size(name.size()) + field_size(value));
    to = write_field(to, kFirstField, name.size());
    to = write_bytes(to, name.data(), name.size());
    return write_field(to, kSecondField, value);
}

inline uint8_t* write_feature(uint8_t* to, const ColumnView& column, const Cell& cell) {
    to = write_field(to, static_cast<uint8_t>(column.kind << 3 | 2), cell.list);
    return write_values(to, column, cell);
}
// The features of one row: an Example's, or a SequenceExample's context.
class FeaturesWriter {
public:
    explicit FeaturesWriter(const std::vector<ColumnView>& columns) : columns_(columns), cells_(columns.size()) {}

    // The length of the Features message of a row.
    uint64_t measure_row(int64_t row) {
        length_ = 0;
        for (size_t i = 0; i < columns_.size(); ++i) {
            cells_[i] = measure(columns_[i], row);
            if (cells_[i].present) length_ += entry_size(columns_[i].name, cells_[i].feature);
        }
        return length_;
    }

    // Writes the row measured last as field 1.
    uint8_t* write(uint8_t* to) const {
        to = write_field(to, kFirstField, length_);
        for (size_t i = 0; i < columns_.size(); ++i)
            if (cells_[i].present)
                to = write_feature(open_entry(to, columns_[i].name, cells_[i].feature), columns_[i], cells_[i]);
        return to;
    }

private:
    const std::vector<ColumnView>& columns_;
    std::vector<Cell> cells_;
    uint64_t length_ = 0;
};

}  // namespace headrace
