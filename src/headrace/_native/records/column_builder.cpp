#include "records/column_builder.hpp"

#include <algorithm>
#include <utility>

namespace headrace {

namespace {

std::variant<FloatValues, Int64Values, BytesValues> empty_values(ValueKind kind) {
    if (kind == kFloat) return FloatValues{};
    if (kind == kInt64) return Int64Values{};
    return BytesValues{};
}

}  // namespace

ColumnBuilder::ColumnBuilder(FeatureSpec given) : spec(std::move(given)), values(empty_values(spec.kind)) {
    if (spec.layout == Layout::kList) row_splits.push(0);
}

void ColumnBuilder::reserve(size_t records, size_t bytes) {
    // A value takes at least one byte of data: a schema cannot cause a larger allocation.
    const size_t count = std::min(records * null_value_count(spec), bytes);
    std::visit([&](auto& held) { held.reserve(count); }, values);
    if (spec.layout == Layout::kList) row_splits.reserve(records + 1);
    if (spec.layout == Layout::kRaw)
        std::get<BytesValues>(values).data.reserve(std::min(records * static_cast<size_t>(spec.size), bytes));
}

void ColumnBuilder::reserve_from_sample(size_t rows, size_t records, size_t bytes) {
    const auto projected = [&](size_t used) {
        const double share = static_cast<double>(records) / static_cast<double>(rows);
        return std::min(static_cast<size_t>(1.0625 * static_cast<double>(used) * share), bytes);
    };
    std::visit([&](auto& held) { held.data.reserve(projected(held.data.size())); }, values);
    if (auto* held = std::get_if<BytesValues>(&values)) held->reserve(projected(held->size()));
}

}  // namespace headrace
