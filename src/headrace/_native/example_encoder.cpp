#include "example_encoder.hpp"

#include "framing.hpp"

namespace headrace {

int64_t encode_examples(const std::vector<ColumnView>& columns, int64_t first, int64_t rows, int64_t step,
                        Buffer<uint8_t>& framed) {
    FeaturesWriter features(columns);
    for (int64_t row = first; row < rows; row += step) {
        const uint64_t length = field_size(features.measure_row(row));
        if (length > kLargestMessage) return row;
        uint8_t* frame = framed.extend(kHeaderSize + length + kFooterSize);
        features.write(frame + kHeaderSize);
        close_frame(frame, length);
    }
    return -1;
}

}  // namespace headrace
