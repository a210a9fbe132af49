#include "records/example_encoder.hpp"

#include <algorithm>

#include "records/framing.hpp"

namespace headrace {

namespace {

// For rows like the first, and a little more.
size_t room_for(int64_t rows, uint64_t size) {
    const auto count = static_cast<uint64_t>(rows);
    const uint64_t most = kLargestMessage / size;  // a guess is not worth more
    return (count < most ? count : most) * (size + size / 16);
}

#ifdef __GNUC__

// Asks for a row's bytes while another is written: those of a shard's rows lie apart, where no processor expects them.
// Inlined, or else GCC drops it: it takes a function that only asks for memory for one that does nothing.
[[gnu::always_inline]] inline void prefetch(const std::vector<ColumnView>& columns, int64_t row) {
    constexpr int64_t kLine = 64, kMost = 4 << 10;  // of long values the rest is foreseen
    for (const ColumnView& column : columns) {
        if (column.kind != kBytes) continue;
        const int64_t begin = column.row_splits ? column.row_splits[row] : row * column.count;
        const int64_t end = column.row_splits ? column.row_splits[row + 1] : begin + column.count;
        const int64_t start = column.offsets[begin], stop = std::min(column.offsets[end], start + kMost);
        for (int64_t at = start; at < stop; at += kLine) __builtin_prefetch(column.bytes + at);
    }
}

#else

void prefetch(const std::vector<ColumnView>&, int64_t) {}

#endif

}  // namespace

int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        Buffer<uint8_t>& framed) {
    FeaturesWriter features(columns);
    for (int64_t row = first; row < rows; row += step) {
        if (step < rows - row) prefetch(columns, row + step);
        const uint64_t length = field_size(features.measure_row(row));
        if (length > kLargestMessage) return row;
        const uint64_t size = kHeaderSize + length + kFooterSize;
        if (row == first) framed.reserve(room_for((rows - row + step - 1) / step, size));
        uint8_t* frame = framed.extend(size);
        features.write(frame + kHeaderSize);
        close_frame(frame, length);
    }
    return -1;
}

}  // namespace headrace
