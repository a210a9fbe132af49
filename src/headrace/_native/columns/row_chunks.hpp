// The rows of several record batches, gathered by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "columns/arrow_c.hpp"
#include "columns/chunked_column.hpp"
#include "columns/gather.hpp"
#include "columns/gather_padded.hpp"

namespace headrace {

// Immutable once all chunks are added; then any thread may call `take`.
class RowChunks {
public:
    // `schema` is that of a record batch: a struct of its columns. Throws std::invalid_argument if it is another type.
    explicit RowChunks(const ArrowSchema& schema);
    RowChunks(RowChunks&&) = default;
    RowChunks& operator=(RowChunks&&) = default;
    ~RowChunks();

    // Adds a record batch and takes ownership of it. `sizes`: for each column the bytes of its buffers, depth first, 0 if
    // absent; not read for unsupported columns. Throws std::invalid_argument if a buffer is too small.
    void add(ArrowArray& batch, const std::vector<std::vector<int64_t>>& sizes);

    int64_t rows() const { return starts_.back(); }

    // The average bytes of a row, an estimate.
    double row_bytes() const { return rows() ? static_cast<double>(bytes_) / static_cast<double>(rows()) : 0; }

    // Whether `take` gathers the column, by column.
    std::vector<bool> supported() const;

    // Gathers rows by number, in order; repeats are allowed. The result is a struct of the supported columns. Throws
    // std::out_of_range for a row that does not exist, and what `gather` throws.
    GatheredColumn take(std::span<const int64_t> rows) const;

    // Gathers the lists of one column, padded; see `gather_padded`. Throws std::out_of_range for a row or a column that does
    // not exist, and what `gather_padded` throws.
    PaddedLists take_padded(size_t column, std::span<const int64_t> rows, int64_t length, int64_t multiple_of,
                            std::span<const uint8_t> fill) const;

private:
    Runs find_runs(std::span<const int64_t> rows) const;

    std::vector<ChunkedColumn> columns_;
    std::vector<int64_t> starts_{0};  // the first row of each chunk, and the number of rows
    std::vector<ArrowArray> owned_;
    int64_t bytes_ = 0;
};

}  // namespace headrace
