// Arrow's validity bitmap, built only if there are nulls.
#pragma once

#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

class Validity {
public:
    // Rows must be marked in ascending order. Rows that are not marked are valid.
    void mark_null(int64_t row) {
        mark_valid_until(row);
        ++rows_marked_;
        ++nulls_;
    }

    // The bitmap of `rows` rows, least significant bit first. Empty unless there are nulls.
    Buffer<uint8_t>& finish(int64_t rows) {
        if (nulls_) mark_valid_until(rows);
        return bits_;
    }

    int64_t nulls() const { return nulls_; }

private:
    // Sets the bits of the valid rows since the last null.
    void mark_valid_until(int64_t rows) {
        const size_t bytes = (static_cast<size_t>(rows) + 7) / 8, before = bits_.size();
        if (bytes > before) bits_.append_zeros(bytes - before);
        for (auto row = static_cast<size_t>(rows_marked_); row < static_cast<size_t>(rows); ++row)
            bits_[row / 8] |= static_cast<uint8_t>(1 << row % 8);
        rows_marked_ = rows;
    }

    Buffer<uint8_t> bits_;
    int64_t rows_marked_ = 0;
    int64_t nulls_ = 0;
};

}  // namespace headrace
