// Writes column values as tf.train.Feature messages. Features are measured first, because lengths precede contents.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "bytes/utf8.hpp"
#include "records/feature_values.hpp"

namespace headrace {

// A view of a column's memory. Row r has the values from row_splits[r] up to row_splits[r + 1], or without row_splits the
// r-th group of `count` values. The caller has checked the bounds.
struct ColumnView {
    std::string name;
    ValueKind kind;
    const float* floats = nullptr;
    const int64_t* ints = nullptr;
    const uint8_t* bytes = nullptr;
    const int64_t* offsets = nullptr;  // into `bytes`
    const int64_t* row_splits = nullptr;
    int64_t count = 1;
    const uint8_t* present = nullptr;  // one byte per row; null: all rows are present
    bool utf8 = false;                 // whether bytes must be UTF-8
};

// Why a row cannot be encoded.
enum class RowFault { kNone, kTooLarge, kNotUtf8 };

struct EncodingResult {
    RowFault fault = RowFault::kNone;
    int64_t row = -1;  // the first row that cannot be encoded
};

// The tags of length-delimited fields.
inline constexpr uint8_t kFirstField = 1 << 3 | 2;
inline constexpr uint8_t kSecondField = 2 << 3 | 2;
inline constexpr uint64_t kMaxMessage = std::numeric_limits<int32_t>::max();

inline uint64_t varint_size(uint64_t value) { return (static_cast<uint64_t>(std::bit_width(value | 1)) + 6) / 7; }

// The size of a length-delimited field with a one-byte tag.
inline uint64_t field_size(uint64_t length) { return 1 + varint_size(length) + length; }

inline uint8_t* write_varint(uint8_t* to, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<uint8_t>(value | 0x80);
    *to++ = static_cast<uint8_t>(value);
    return to;
}

inline uint8_t* write_field_header(uint8_t* to, uint8_t tag, uint64_t length) {
    *to++ = tag;
    return write_varint(to, length);
}

inline uint8_t* write_bytes(uint8_t* to, const void* from, uint64_t length) {
    if (length) std::memcpy(to, from, length);
    return to + length;
}

// One feature of one row or step: the range of its values, and the lengths of its nested messages, innermost first.
struct Measured {
    int64_t begin = 0;
    int64_t end = 0;
    bool present = false;
    uint64_t packed = 0;   // packed numbers
    uint64_t list = 0;     // FloatList, Int64List or BytesList
    uint64_t feature = 0;  // Feature
};

inline uint64_t packed_size(const ColumnView& column, const Measured& measured) {
    if (column.kind == kFloat) return static_cast<uint64_t>(measured.end - measured.begin) * sizeof(float);
    uint64_t size = 0;
    for (int64_t i = measured.begin; i < measured.end; ++i) size += varint_size(static_cast<uint64_t>(column.ints[i]));
    return size;
}

inline uint64_t bytes_list_size(const ColumnView& column, const Measured& measured) {
    uint64_t size = 0;
    for (int64_t i = measured.begin; i < measured.end; ++i)
        size += field_size(static_cast<uint64_t>(column.offsets[i + 1] - column.offsets[i]));
    return size;
}

inline Measured measure(const ColumnView& column, int64_t row) {
    Measured measured;
    measured.present = !column.present || column.present[row];
    if (!measured.present) return measured;
    measured.begin = column.row_splits ? column.row_splits[row] : row * column.count;
    measured.end = column.row_splits ? column.row_splits[row + 1] : measured.begin + column.count;
    if (column.kind == kBytes) {
        measured.list = bytes_list_size(column, measured);
    } else if (measured.begin < measured.end) {
        measured.packed = packed_size(column, measured);
        measured.list = field_size(measured.packed);
    }
    measured.feature = field_size(measured.list);
    return measured;
}

// Writes bytes values; null if they must be UTF-8 and are not, which is found while they are copied.
inline uint8_t* write_bytes_list(uint8_t* to, const ColumnView& column, const Measured& measured) {
    for (int64_t i = measured.begin; i < measured.end; ++i) {
        const Span value{column.bytes + column.offsets[i], column.bytes + column.offsets[i + 1]};
        to = write_field_header(to, kFirstField, value.size());
        if (column.utf8) {
            if (!copy_utf8(value, to)) return nullptr;
            to += value.size();
        } else {
            to = write_bytes(to, value.at, value.size());
        }
    }
    return to;
}

// Returns the end of what it wrote, or null as above. So do the functions below.
inline uint8_t* write_values(uint8_t* to, const ColumnView& column, const Measured& measured) {
    if (column.kind == kBytes) return write_bytes_list(to, column, measured);
    if (measured.begin == measured.end) return to;
    to = write_field_header(to, kFirstField, measured.packed);
    if (column.kind == kFloat) return write_bytes(to, column.floats + measured.begin, measured.packed);
    for (int64_t i = measured.begin; i < measured.end; ++i) to = write_varint(to, static_cast<uint64_t>(column.ints[i]));
    return to;
}

// The size of a map entry whose value has `value` bytes, as a field.
inline uint64_t entry_size(const std::string& name, uint64_t value) {
    return field_size(field_size(name.size()) + field_size(value));
}

// Writes a map entry up to its value, which has `value` bytes.
inline uint8_t* write_entry_header(uint8_t* to, const std::string& name, uint64_t value) {
    to = write_field_header(to, kFirstField, field_size(name.size()) + field_size(value));
    to = write_field_header(to, kFirstField, name.size());
    to = write_bytes(to, name.data(), name.size());
    return write_field_header(to, kSecondField, value);
}

inline uint8_t* write_feature(uint8_t* to, const ColumnView& column, const Measured& measured) {
    to = write_field_header(to, static_cast<uint8_t>(column.kind << 3 | 2), measured.list);
    return write_values(to, column, measured);
}

// Writes the features of one row at a time: those of an Example, or of a SequenceExample's context.
class FeaturesWriter {
public:
    explicit FeaturesWriter(const std::vector<ColumnView>& columns) : columns_(columns), measureds_(columns.size()) {}

    // Returns the length of the row's Features message.
    uint64_t measure_row(int64_t row) {
        length_ = 0;
        for (size_t i = 0; i < columns_.size(); ++i) {
            measureds_[i] = measure(columns_[i], row);
            if (measureds_[i].present) length_ += entry_size(columns_[i].name, measureds_[i].feature);
        }
        return length_;
    }

    // Writes the last measured row as field 1.
    uint8_t* write(uint8_t* to) const {
        to = write_field_header(to, kFirstField, length_);
        for (size_t i = 0; to && i < columns_.size(); ++i)
            if (measureds_[i].present)
                to = write_feature(write_entry_header(to, columns_[i].name, measureds_[i].feature), columns_[i], measureds_[i]);
        return to;
    }

private:
    const std::vector<ColumnView>& columns_;
    std::vector<Measured> measureds_;
    uint64_t length_ = 0;
};

}  // namespace headrace
