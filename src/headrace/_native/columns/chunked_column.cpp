#include "columns/chunked_column.hpp"

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

namespace headrace {

namespace {

constexpr int kMaxDepth = 64;

// The number that `text` starts with; -1 if it does not start with one.
int64_t leading_number(std::string_view text) {
    int64_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Bytes of a decimal "d:precision,scale[,bits]"; 128 bits unless specified.
int64_t decimal_width(std::string_view format) {
    const size_t scale = format.find(',');
    const size_t bits = scale == format.npos ? format.npos : format.find(',', scale + 1);
    return bits == format.npos ? 16 : leading_number(format.substr(bits + 1)) / 8;
}

// Bytes of a date, time, timestamp, duration or interval; 0 if the format is unknown.
int64_t temporal_width(std::string_view format) {
    if (format.size() < 3) return 0;
    const std::string_view unit = format.substr(0, 3);
    if (unit == "tdD" || unit == "tts" || unit == "ttm" || unit == "tiM") return 4;
    if (unit == "tin") return 16;
    if (unit == "tdm" || unit == "ttu" || unit == "ttn" || unit == "tiD") return 8;
    return format[1] == 's' || format[1] == 'D' ? 8 : 0;
}

// Bytes of a fixed-width value; 0 if the type has none.
int64_t fixed_width(std::string_view format) {
    switch (format[0]) {
        case 'c': case 'C': return 1;
        case 's': case 'S': case 'e': return 2;
        case 'i': case 'I': case 'f': return 4;
        case 'l': case 'L': case 'g': return 8;
        case 'd': return decimal_width(format);
        case 't': return temporal_width(format);
        case 'w': return format.size() > 2 ? leading_number(format.substr(2)) : 0;
        default: return 0;
    }
}

[[noreturn]] void fail(const std::string& message) { throw std::invalid_argument("invalid Arrow array: " + message); }

// Returns count * width; both are at least 0.
int64_t multiply(int64_t count, int64_t width) {
    if (width && count > INT64_MAX / width) fail("its length overflows");
    return count * width;
}

int64_t bytes_of_bits(int64_t bits) { return bits / 8 + (bits % 8 != 0); }

struct SizedBuffer {
    const uint8_t* data = nullptr;
    int64_t size = 0;

    const uint8_t* require(int64_t bytes) const {
        if (size < bytes) fail("expected a buffer of at least " + std::to_string(bytes) + " bytes, got " + std::to_string(size));
        return data;
    }
};

// Reads the buffers of an array in order, and removes their sizes from the front of `sizes`.
class BufferReader {
public:
    BufferReader(const ArrowArray& array, std::span<const int64_t>& sizes) : array_(array), sizes_(sizes) {}

    // An array of nulls has no buffers; pyarrow lists an absent one.
    SizedBuffer next() {
        if (sizes_.empty()) fail("expected more buffers");
        const auto* data = next_ < array_.n_buffers ? static_cast<const uint8_t*>(array_.buffers[next_]) : nullptr;
        const SizedBuffer buffer{data, data ? sizes_.front() : 0};
        sizes_ = sizes_.subspan(1);
        ++next_;
        return buffer;
    }

private:
    const ArrowArray& array_;
    std::span<const int64_t>& sizes_;
    int64_t next_ = 0;
};

}  // namespace

ChunkedColumn::ChunkedColumn(const ArrowSchema& schema, int depth) {
    const std::string_view format(schema.format ? schema.format : "");
    if (format.empty() || schema.dictionary || depth >= kMaxDepth) return;
    for (int64_t i = 0; i < schema.n_children; ++i) {
        children.push_back(ChunkedColumn(*schema.children[i], depth + 1));
        if (children.back().storage == Storage::kUnsupported) return;
    }
    const bool has_child = children.size() == 1;
    if (format == "n") storage = Storage::kNull;
    if (format == "b") storage = Storage::kBoolean;
    if (format == "u" || format == "z") storage = Storage::kBinary;
    if (format == "U" || format == "Z") storage = Storage::kBinary, has_wide_offsets = true;
    if ((format == "+l" || format == "+m") && has_child) storage = Storage::kList;
    if (format == "+L" && has_child) storage = Storage::kList, has_wide_offsets = true;
    if (format == "+s") storage = Storage::kStruct;
    if (format.starts_with("+w:") && has_child && (width = leading_number(format.substr(3))) >= 0)
        storage = Storage::kFixedSizeList;
    if (storage == Storage::kUnsupported && (width = fixed_width(format)) > 0) storage = Storage::kFixedWidth;
}

void ChunkedColumn::add_chunk(const ArrowArray& array, std::span<const int64_t> sizes) {
    if (!add(array, sizes).empty()) fail("expected fewer buffers");
}

std::span<const int64_t> ChunkedColumn::add(const ArrowArray& array, std::span<const int64_t> sizes) {
    if (array.length < 0 || array.offset < 0 || array.length > INT64_MAX - 1 - array.offset) fail("its length overflows");
    if (array.dictionary || array.n_children != static_cast<int64_t>(children.size())) fail("expected another type");
    const int64_t first = array.length ? array.offset : 0;  // an empty array needs no buffers
    const int64_t end = first + array.length;
    BufferReader buffers(array, sizes);
    const SizedBuffer validity = buffers.next();
    ChunkView chunk{.offset = first};
    if (validity.data && array.null_count) chunk.validity = validity.require(bytes_of_bits(end));
    if (storage == Storage::kBoolean) chunk.values = buffers.next().require(bytes_of_bits(end));
    if (storage == Storage::kFixedWidth) {
        chunk.values = buffers.next().require(multiply(end, width));
        if (chunk.values) chunk.values += first * width;
    }
    if (storage == Storage::kBinary || storage == Storage::kList) {
        const int64_t offset_width = has_wide_offsets ? 8 : 4;
        chunk.offsets = buffers.next().require(array.length ? multiply(end + 1, offset_width) : 0);
        if (chunk.offsets) chunk.offsets += first * offset_width;
    }
    if (storage == Storage::kBinary) {
        const SizedBuffer values = buffers.next();
        chunk.values = values.data;
        chunk.value_limit = values.size;
    }
    for (size_t i = 0; i < children.size(); ++i) {
        const int64_t rows = array.children[i]->length;
        const int64_t needed = storage == Storage::kFixedSizeList ? multiply(end, width) : storage == Storage::kStruct ? end : 0;
        if (rows < needed) fail("expected a child of at least " + std::to_string(needed) + " rows, got " + std::to_string(rows));
        if (storage == Storage::kList) chunk.value_limit = rows;
        sizes = children[i].add(*array.children[i], sizes);
    }
    chunks.push_back(chunk);
    return sizes;
}

}  // namespace headrace
