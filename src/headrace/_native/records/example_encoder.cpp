#include "records/example_encoder.hpp"

#include <algorithm>

namespace headrace {

namespace {

// The memory for `rows` rows of about `size` bytes.
size_t estimate_bytes(int64_t rows, uint64_t size) {
    const auto count = static_cast<uint64_t>(rows);
    const uint64_t limit = kMaxMessage / size;  // an estimate is not worth more
    return (count < limit ? count : limit) * (size + size / 16);
}

#ifdef __GNUC__

// Prefetches a row's bytes while another row is written: the rows of a shard are not adjacent, so that the processor's
// own prefetching does not help. Inlined, or GCC removes the call: it considers a function that only prefetches as empty.
[[gnu::always_inline]] inline void prefetch(const std::vector<ColumnView>& columns, int64_t row) {
    constexpr int64_t kLine = 64, kLimit = 4 << 10;  // the processor prefetches the rest of long values
    for (const ColumnView& column : columns) {
        if (column.kind != kBytes) continue;
        const int64_t begin = column.row_splits ? column.row_splits[row] : row * column.count;
        const int64_t end = column.row_splits ? column.row_splits[row + 1] : begin + column.count;
        const int64_t start = column.offsets[begin], stop = std::min(column.offsets[end], start + kLimit);
        for (int64_t at = start; at < stop; at += kLine) __builtin_prefetch(column.bytes + at);
    }
}

#else

void prefetch(const std::vector<ColumnView>&, int64_t) {}

#endif

}  // namespace

EncodingResult encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        FramedRecords& framed) {
    FeaturesWriter features(columns);
    for (int64_t row = first; row < rows; row += step) {
        if (step < rows - row) prefetch(columns, row + step);
        const uint64_t length = field_size(features.measure_row(row));
        if (length > kMaxMessage) return {RowFault::kTooLarge, row};
        const uint64_t size = kHeaderSize + length + kFooterSize;
        if (row == first) framed.frames.reserve(estimate_bytes((rows - row + step - 1) / step, size));
        uint8_t* frame = framed.frames.extend(size);
        if (!features.write(frame + kHeaderSize)) return {RowFault::kNotUtf8, row};
        finish_frame(frame, length);
        framed.checksums.append(frame + kHeaderSize + length, kFooterSize);
    }
    return {};
}

}  // namespace headrace
