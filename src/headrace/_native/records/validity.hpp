// Arrow's bitmap of which rows are not null, made only if there are nulls.
#pragma once

#include <cstdint>

#include "bytes/buffer.hpp"

namespace headrace {

class Validity {
public:
    // Rows come in rising order; those never marked are valid.
    void mark_null(int64_t row) {
        catch_up(row);
        ++rows_marked_;
        ++nulls_;
    }

    // The bits of `rows` rows, a bit a row, least significant first. Meaningful if there are nulls.
    Buffer<uint8_t>& finish(int64_t rows) {
        if (nulls_) catch_up(rows);
        return bits_;
    }

    int64_t nulls() const { return nulls_; }

private:
    // Rows since the last null are valid; their bits are set when the next null comes, or at the end.
    void catch_up(int64_t rows) {
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
