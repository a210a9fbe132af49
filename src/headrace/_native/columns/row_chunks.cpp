#include "columns/row_chunks.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace headrace {

RowChunks::RowChunks(const ArrowSchema& schema) {
    if (!schema.format || std::string(schema.format) != "+s") throw std::invalid_argument("expected the schema of a record batch");
    for (int64_t i = 0; i < schema.n_children; ++i) columns_.emplace_back(*schema.children[i]);
}

RowChunks::~RowChunks() {
    for (ArrowArray& batch : owned_)
        if (batch.release) batch.release(&batch);
}

void RowChunks::add(ArrowArray& batch, const std::vector<std::vector<int64_t>>& sizes) {
    if (!batch.release) throw std::invalid_argument("the array is released");
    if (batch.offset != 0 || batch.length < 0 || batch.n_children != static_cast<int64_t>(columns_.size()) ||
        sizes.size() != columns_.size())
        throw std::invalid_argument("expected a record batch of " + std::to_string(columns_.size()) + " columns");
    if (batch.length > INT64_MAX - rows() || owned_.size() >= UINT32_MAX) throw std::invalid_argument("too many rows");
    for (size_t i = 0; i < columns_.size(); ++i) {
        if (batch.children[i]->length != batch.length) throw std::invalid_argument("expected columns of equal length");
        if (columns_[i].storage == Storage::kUnsupported) continue;
        columns_[i].add_chunk(*batch.children[i], sizes[i]);
        for (const int64_t size : sizes[i]) bytes_ += size;
    }
    starts_.push_back(rows() + batch.length);
    owned_.push_back(std::exchange(batch, ArrowArray{}));
}

std::vector<bool> RowChunks::supported() const {
    std::vector<bool> supported;
    for (const ChunkedColumn& column : columns_) supported.push_back(column.storage != Storage::kUnsupported);
    return supported;
}

Runs RowChunks::find_runs(std::span<const int64_t> rows) const {
    Runs runs;
    runs.reserve(rows.size());
    const size_t last = starts_.size() - 1;
    // Most sources read batches of one size, so that the chunk follows from a division.
    const double chunks_per_row = this->rows() ? 1 / static_cast<double>(std::max<int64_t>(1, starts_[1])) : 0;
    for (const int64_t row : rows) {
        if (row < 0 || row >= this->rows())
            throw std::out_of_range("row " + std::to_string(row) + " of " + std::to_string(this->rows()));
        size_t chunk = std::min(static_cast<size_t>(static_cast<double>(row) * chunks_per_row), last - 1);
        if (row < starts_[chunk] || row >= starts_[chunk + 1])
            chunk = static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin()) - 1;
        runs.add(static_cast<uint32_t>(chunk), row - starts_[chunk], 1);
    }
    return runs;
}

GatheredColumn RowChunks::take(std::span<const int64_t> rows) const {
    const Runs runs = find_runs(rows);
    GatheredColumn batch;
    batch.rows = runs.rows();
    batch.buffers.resize(1);
    for (const ChunkedColumn& column : columns_)
        if (column.storage != Storage::kUnsupported) batch.children.push_back(gather(column, runs));
    return batch;
}

PaddedLists RowChunks::take_padded(size_t column, std::span<const int64_t> rows, int64_t length, int64_t multiple_of,
                                   std::span<const uint8_t> fill) const {
    return gather_padded(columns_.at(column), find_runs(rows), length, multiple_of, fill);
}

}  // namespace headrace
