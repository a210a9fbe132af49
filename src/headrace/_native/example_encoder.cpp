#include "example_encoder.hpp"

#include "framing.hpp"

namespace headrace {

namespace {

// For rows like the first, and a little more.
size_t room_for(int64_t rows, uint64_t size) {
    const auto count = static_cast<uint64_t>(rows);
    const uint64_t most = kLargestMessage / size;  // a guess is not worth more
    return (count < most ? count : most) * (size + size / 16);
}

}  // namespace

int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        Buffer<uint8_t>& framed) {
    FeaturesWriter features(columns);
    for (int64_t row = first; row < rows; row += step) {
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
