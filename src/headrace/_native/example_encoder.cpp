#include "example_encoder.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include "framing.hpp"

namespace headrace {

namespace {

constexpr uint8_t kFirstField = 1 << 3 | 2;   // a length-delimited field 1, 2
constexpr uint8_t kSecondField = 2 << 3 | 2;
constexpr uint64_t kLargestMessage = std::numeric_limits<int32_t>::max();

uint64_t varint_size(uint64_t value) { return (static_cast<uint64_t>(std::bit_width(value | 1)) + 6) / 7; }

// Of a length-delimited field with a one-byte tag.
uint64_t field_size(uint64_t length) { return 1 + varint_size(length) + length; }

uint8_t* write_varint(uint8_t* to, uint64_t value) {
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<uint8_t>(value | 0x80);
    *to++ = static_cast<uint8_t>(value);
    return to;
}

uint8_t* write_field(uint8_t* to, uint8_t tag, uint64_t length) {
    *to++ = tag;
    return write_varint(to, length);
}

uint8_t* write_bytes(uint8_t* to, const void* from, uint64_t length) {
    if (length) std::memcpy(to, from, length);
    return to + length;
}

// One feature of one row, with the lengths of the messages it nests in, innermost first.
struct Cell {
    int64_t begin = 0;
    int64_t end = 0;
    bool present = false;
    uint64_t packed = 0;   // the numbers, packed
    uint64_t list = 0;     // FloatList, Int64List or BytesList
    uint64_t feature = 0;  // Feature
    uint64_t entry = 0;    // the map's entry
};

uint64_t packed_size(const ColumnView& column, const Cell& cell) {
    if (column.kind == kFloat) return static_cast<uint64_t>(cell.end - cell.begin) * sizeof(float);
    uint64_t size = 0;
    for (int64_t i = cell.begin; i < cell.end; ++i) size += varint_size(static_cast<uint64_t>(column.ints[i]));
    return size;
}

uint64_t bytes_list_size(const ColumnView& column, const Cell& cell) {
    uint64_t size = 0;
    for (int64_t i = cell.begin; i < cell.end; ++i)
        size += field_size(static_cast<uint64_t>(column.offsets[i + 1] - column.offsets[i]));
    return size;
}

Cell measure(const ColumnView& column, int64_t row) {
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
    cell.entry = field_size(column.name.size()) + field_size(cell.feature);
    return cell;
}

uint8_t* write_values(uint8_t* to, const ColumnView& column, const Cell& cell) {
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

uint8_t* write_entry(uint8_t* to, const ColumnView& column, const Cell& cell) {
    to = write_field(to, kFirstField, cell.entry);
    to = write_field(to, kFirstField, column.name.size());
    to = write_bytes(to, column.name.data(), column.name.size());
    to = write_field(to, kSecondField, cell.feature);
    to = write_field(to, static_cast<uint8_t>(column.kind << 3 | 2), cell.list);
    return write_values(to, column, cell);
}

bool encode_row(const std::vector<ColumnView>& columns, std::vector<Cell>& cells, int64_t row, Buffer<uint8_t>& framed) {
    uint64_t features = 0;
    for (size_t i = 0; i < columns.size(); ++i) {
        cells[i] = measure(columns[i], row);
        if (cells[i].present) features += field_size(cells[i].entry);
    }
    const uint64_t length = field_size(features);
    if (length > kLargestMessage) return false;
    uint8_t* frame = framed.extend(kHeaderSize + length + kFooterSize);
    uint8_t* to = write_field(frame + kHeaderSize, kFirstField, features);
    for (size_t i = 0; i < columns.size(); ++i)
        if (cells[i].present) to = write_entry(to, columns[i], cells[i]);
    close_frame(frame, length);
    return true;
}

}  // namespace

int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        Buffer<uint8_t>& framed) {
    std::vector<Cell> cells(columns.size());
    for (int64_t row = first; row < rows; row += step)
        if (!encode_row(columns, cells, row, framed)) return row;
    return -1;
}

}  // namespace headrace
