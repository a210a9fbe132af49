#include "columns/gather_padded.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "bytes/span.hpp"
#include "columns/pad_lists.hpp"

namespace headrace {

namespace {

constexpr size_t kAhead = 4;  // lists between a prefetch and the copy
constexpr size_t kCacheLine = 64;
constexpr size_t kMaxPrefetched = 1024;  // bytes of a list; the processor detects what follows

inline void prefetch(const Span& span) {
#if defined(__GNUC__)
    for (size_t at = 0; at < std::min(span.size(), kMaxPrefetched); at += kCacheLine) __builtin_prefetch(span.at + at);
#else
    (void)span;
#endif
}

void check_column(const ChunkedColumn& column, size_t width) {
    const bool is_list = column.storage == Storage::kList && column.children[0].storage == Storage::kFixedWidth;
    if (!is_list || column.children[0].width != static_cast<int64_t>(width))
        throw std::invalid_argument("expected lists of values of " + std::to_string(width) + " bytes");
    const auto is_nullable = [](const ChunkView& chunk) { return chunk.validity != nullptr; };
    for (const auto& chunks : {column.chunks, column.children[0].chunks})
        if (std::any_of(chunks.begin(), chunks.end(), is_nullable)) throw std::invalid_argument("expected lists without nulls");
}

template <typename Offset>
int64_t load_offset(const uint8_t* offsets, int64_t i) {
    Offset value;
    std::memcpy(&value, offsets + static_cast<size_t>(i) * sizeof(Offset), sizeof value);
    return value;
}

// Finds the values of each list, and returns the number of values of the longest one.
template <typename Offset>
int64_t find_lists(const ChunkedColumn& column, const Runs& runs, size_t width, std::vector<Span>& lists, int64_t* counts) {
    int64_t longest = 0;
    for (const Run& run : runs) {
        const ChunkView& chunk = column.chunks[run.chunk];
        const uint8_t* values = column.children[0].chunks[run.chunk].values;
        for (int64_t row = run.start; row < run.start + run.length; ++row) {
            const int64_t start = load_offset<Offset>(chunk.offsets, row), stop = load_offset<Offset>(chunk.offsets, row + 1);
            if (start < 0 || stop < start || stop > chunk.value_limit)
                throw std::invalid_argument("invalid Arrow array: expected ascending offsets from 0 to at most " +
                                            std::to_string(chunk.value_limit) + ", got " + std::to_string(start) + " and " +
                                            std::to_string(stop));
            const uint8_t* at = start < stop ? values + static_cast<size_t>(start) * width : nullptr;
            lists.push_back({at, at ? values + static_cast<size_t>(stop) * width : nullptr});
            *counts++ = stop - start;
            longest = std::max(longest, stop - start);
        }
    }
    return longest;
}

int64_t round_up(int64_t length, int64_t multiple_of) {
    length = std::max<int64_t>(length, 1);
    if (length > (int64_t{1} << 40) || multiple_of > (int64_t{1} << 40)) throw std::invalid_argument("the rows are too long");
    return (length + multiple_of - 1) / multiple_of * multiple_of;
}

}  // namespace

PaddedLists gather_padded(const ChunkedColumn& column, const Runs& runs, int64_t length, int64_t multiple_of,
                          std::span<const uint8_t> fill) {
    if (fill.empty() || length < -1 || multiple_of < 1) throw std::invalid_argument("expected a value, a length and a multiple");
    const size_t width = fill.size();
    check_column(column, width);
    const auto rows = static_cast<size_t>(runs.rows());
    PaddedLists found;
    std::vector<Span> lists;
    lists.reserve(rows);
    int64_t* counts = found.counts.extend(rows);
    const int64_t longest = column.has_wide_offsets ? find_lists<int64_t>(column, runs, width, lists, counts)
                                                    : find_lists<int32_t>(column, runs, width, lists, counts);
    found.length = length < 0 ? round_up(longest, multiple_of) : length;
    const size_t row_bytes = static_cast<size_t>(round_up(found.length, 1)) * width;
    if (rows && row_bytes > (size_t{1} << 46) / rows) throw std::invalid_argument("the rows do not fit into memory");
    uint8_t* out = found.values.extend(rows * static_cast<size_t>(found.length) * width);
    for (size_t i = 0; i < rows; ++i, out += static_cast<size_t>(found.length) * width) {
        if (i + kAhead < rows) prefetch(lists[i + kAhead]);
        const int64_t splits[] = {0, counts[i]};
        pad_lists(lists[i].at, splits, static_cast<size_t>(found.length), fill, out);
    }
    return found;
}

}  // namespace headrace
