#include "columns/gather.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "bytes/span.hpp"
#include "columns/bitmap.hpp"

namespace headrace {

void Runs::add(uint32_t chunk, int64_t start, int64_t length) {
    if (length > INT64_MAX - rows_) throw std::length_error("too many rows");
    rows_ += length;
    if (!runs_.empty()) {
        Run& last = runs_.back();
        if (last.chunk == chunk && last.start + last.length == start && length <= UINT32_MAX - last.length) {
            last.length += static_cast<uint32_t>(length);
            return;
        }
    }
    while (length) {
        const int64_t piece = std::min<int64_t>(length, UINT32_MAX);
        runs_.push_back({start, chunk, static_cast<uint32_t>(piece)});
        start += piece;
        length -= piece;
    }
}

namespace {

constexpr size_t kAhead = 4;            // runs between a prefetch and the copy
constexpr int64_t kCacheLine = 64;
constexpr int64_t kMaxPrefetched = 16;  // lines of a run; the processor detects what follows

inline void prefetch(const uint8_t* at, int64_t bytes) {
#if defined(__GNUC__)
    for (int64_t line = 0; line < std::min(bytes, kCacheLine * kMaxPrefetched); line += kCacheLine) __builtin_prefetch(at + line);
#else
    (void)at, (void)bytes;
#endif
}

// Extends `buffer` by count * width bytes.
uint8_t* extend(Buffer<uint8_t>& buffer, int64_t count, int64_t width) {
    if (width && count > INT64_MAX / width) throw std::bad_alloc();
    return buffer.extend(static_cast<size_t>(count * width));
}

int64_t bytes_of_bits(int64_t bits) { return bits / 8 + (bits % 8 != 0); }

// Leaves the bitmap empty if all rows are valid.
void gather_validity(const ChunkedColumn& column, const Runs& runs, GatheredColumn& out) {
    Buffer<uint8_t>& bitmap = out.buffers[0];
    const auto is_nullable = [](const ChunkView& chunk) { return chunk.validity != nullptr; };
    if (std::none_of(column.chunks.begin(), column.chunks.end(), is_nullable)) return;
    bitmap.append_zeros(static_cast<size_t>(bytes_of_bits(runs.rows())));
    int64_t at = 0;
    for (const Run& run : runs) {
        const ChunkView& chunk = column.chunks[run.chunk];
        if (chunk.validity)
            copy_bits(chunk.validity, chunk.offset + run.start, bitmap.data(), at, run.length);
        else
            set_bits(bitmap.data(), at, run.length);
        at += run.length;
    }
    out.nulls = runs.rows() - count_bits(bitmap.data(), bitmap.size());
    if (!out.nulls) bitmap = Buffer<uint8_t>();
}

void gather_bits(const ChunkedColumn& column, const Runs& runs, Buffer<uint8_t>& out) {
    out.append_zeros(static_cast<size_t>(bytes_of_bits(runs.rows())));
    int64_t at = 0;
    for (const Run& run : runs) {
        const ChunkView& chunk = column.chunks[run.chunk];
        copy_bits(chunk.values, chunk.offset + run.start, out.data(), at, run.length);
        at += run.length;
    }
}

// Copies runs of mostly one row. `kWidth` is the width of the values, known when compiling.
template <size_t kWidth>
void copy_narrow(const ChunkedColumn& column, const Runs& runs, uint8_t* to) {
    std::vector<const uint8_t*> starts;
    starts.reserve(column.chunks.size());
    for (const ChunkView& chunk : column.chunks) starts.push_back(chunk.values);
    const auto start_of = [first = starts.data()](const Run& run) { return first[run.chunk] + static_cast<size_t>(run.start) * kWidth; };
    if (static_cast<int64_t>(runs.size()) == runs.rows()) {  // each run is one row
        for (size_t i = 0; i < runs.size(); ++i) std::memcpy(to + i * kWidth, start_of(runs[i]), kWidth);
        return;
    }
    for (const Run& run : runs) {
        const uint8_t* from = start_of(run);
        if (run.length == 1) {
            std::memcpy(to, from, kWidth);
            to += kWidth;
        } else {
            std::memcpy(to, from, run.length * kWidth);
            to += run.length * kWidth;
        }
    }
}

void copy_wide(const std::vector<Span>& spans, uint8_t* to) {
    for (size_t i = 0; i < spans.size(); ++i) {
        if (i + kAhead < spans.size()) prefetch(spans[i + kAhead].at, static_cast<int64_t>(spans[i + kAhead].size()));
        std::memcpy(to, spans[i].at, spans[i].size());
        to += spans[i].size();
    }
}

void gather_fixed_width(const ChunkedColumn& column, const Runs& runs, Buffer<uint8_t>& out) {
    uint8_t* to = extend(out, runs.rows(), column.width);
    if (static_cast<int64_t>(runs.size()) > runs.rows() / 2) {
        if (column.width == 1) return copy_narrow<1>(column, runs, to);
        if (column.width == 2) return copy_narrow<2>(column, runs, to);
        if (column.width == 4) return copy_narrow<4>(column, runs, to);
        if (column.width == 8) return copy_narrow<8>(column, runs, to);
    }
    const auto start_of = [&](const Run& run) { return column.chunks[run.chunk].values + run.start * column.width; };
    for (size_t i = 0; i < runs.size(); ++i) {
        if (i + kAhead < runs.size()) prefetch(start_of(runs[i + kAhead]), runs[i + kAhead].length * column.width);
        const auto bytes = static_cast<size_t>(runs[i].length * column.width);
        std::memcpy(to, start_of(runs[i]), bytes);
        to += bytes;
    }
}

template <typename Offset>
Offset load_offset(const uint8_t* offsets, int64_t i) {
    Offset value;
    std::memcpy(&value, offsets + static_cast<size_t>(i) * sizeof(Offset), sizeof value);
    return value;
}

[[noreturn]] void fail_offsets(int64_t start, int64_t stop, int64_t limit) {
    throw std::invalid_argument("invalid Arrow array: expected ascending offsets from 0 to at most " + std::to_string(limit) +
                                ", got " + std::to_string(start) + " and " + std::to_string(stop));
}

// Writes the offsets of the gathered rows, and calls use(chunk, start, length) with the values of each run.
template <typename Offset, typename Use>
void gather_offsets(const ChunkedColumn& column, const Runs& runs, Buffer<uint8_t>& out, Use&& use) {
    if (runs.rows() == INT64_MAX) throw std::bad_alloc();
    uint8_t* to = extend(out, runs.rows() + 1, sizeof(Offset));
    int64_t total = 0;
    const auto write = [&](int64_t offset) {
        const auto narrow = static_cast<Offset>(offset);
        std::memcpy(to, &narrow, sizeof narrow);
        to += sizeof narrow;
    };
    write(0);
    for (const Run& run : runs) {
        const ChunkView& chunk = column.chunks[run.chunk];
        const int64_t start = load_offset<Offset>(chunk.offsets, run.start);
        if (start < 0) fail_offsets(start, start, chunk.value_limit);
        int64_t before = start;
        for (int64_t i = 1; i <= run.length; ++i) {
            const int64_t stop = load_offset<Offset>(chunk.offsets, run.start + i);
            if (stop < before || stop > chunk.value_limit) fail_offsets(before, stop, chunk.value_limit);
            const int64_t length = stop - before;
            if (length > std::numeric_limits<Offset>::max() - total)
                throw std::overflow_error("the values exceed the limit of offsets of " + std::to_string(8 * sizeof(Offset)) + " bits");
            write(total += length);
            before = stop;
        }
        if (before > start) use(run.chunk, start, before - start);
    }
}

template <typename Offset>
void gather_binary(const ChunkedColumn& column, const Runs& runs, GatheredColumn& out) {
    std::vector<Span> spans;
    spans.reserve(runs.size());
    int64_t total = 0;
    gather_offsets<Offset>(column, runs, out.buffers[1], [&](uint32_t chunk, int64_t start, int64_t length) {
        const uint8_t* at = column.chunks[chunk].values + start;
        if (spans.size() < kAhead) prefetch(at, length);
        spans.push_back({at, at + length});
        total += length;
    });
    copy_wide(spans, extend(out.buffers[2], total, 1));
}

template <typename Offset>
Runs gather_list_offsets(const ChunkedColumn& column, const Runs& runs, Buffer<uint8_t>& out) {
    Runs values;
    values.reserve(runs.size());
    gather_offsets<Offset>(column, runs, out, [&](uint32_t chunk, int64_t start, int64_t length) {
        values.add(chunk, start, length);
    });
    return values;
}

// The rows of the children of a struct (`width` 1) or fixed-size list.
Runs scale(const ChunkedColumn& column, const Runs& runs, int64_t width) {
    Runs values;
    if (width && runs.rows() > INT64_MAX / width) throw std::bad_alloc();
    values.reserve(runs.size());
    for (const Run& run : runs)
        if (width) values.add(run.chunk, (column.chunks[run.chunk].offset + run.start) * width, run.length * width);
    return values;
}

Runs gather_list(const ChunkedColumn& column, const Runs& runs, GatheredColumn& out) {
    if (column.storage == Storage::kStruct) return scale(column, runs, 1);
    if (column.storage == Storage::kFixedSizeList) return scale(column, runs, column.width);
    if (column.has_wide_offsets) return gather_list_offsets<int64_t>(column, runs, out.buffers[1]);
    return gather_list_offsets<int32_t>(column, runs, out.buffers[1]);
}

size_t count_buffers(Storage storage) {
    switch (storage) {
        case Storage::kUnsupported:
        case Storage::kNull: return 0;
        case Storage::kStruct:
        case Storage::kFixedSizeList: return 1;
        case Storage::kBinary: return 3;
        default: return 2;
    }
}

}  // namespace

GatheredColumn gather(const ChunkedColumn& column, const Runs& runs) {
    GatheredColumn out;
    out.rows = runs.rows();
    out.buffers.resize(count_buffers(column.storage));
    if (column.storage == Storage::kNull) out.nulls = out.rows;
    if (!out.buffers.empty()) gather_validity(column, runs, out);
    if (column.storage == Storage::kBoolean) gather_bits(column, runs, out.buffers[1]);
    if (column.storage == Storage::kFixedWidth) gather_fixed_width(column, runs, out.buffers[1]);
    if (column.storage == Storage::kBinary) {
        if (column.has_wide_offsets)
            gather_binary<int64_t>(column, runs, out);
        else
            gather_binary<int32_t>(column, runs, out);
    }
    if (column.children.empty()) return out;
    const Runs values = gather_list(column, runs, out);
    for (const ChunkedColumn& child : column.children) out.children.push_back(gather(child, values));
    return out;
}

}  // namespace headrace
