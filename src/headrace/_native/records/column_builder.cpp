#include "records/column_builder.hpp"

#include <algorithm>
#include <utility>

namespace headrace {

namespace {

std::variant<FloatValues, Int64Values, BytesValues> empty_values(Kind kind) {
    if (kind == kFloat) return FloatValues{};
    if (kind == kInt64) return Int64Values{};
    return BytesValues{};
}

}  // namespace

Column::Column(FeatureSpec given) : spec(std::move(given)), values(empty_values(spec.kind)) {
    if (spec.layout == Layout::kList) row_splits.push(0);
}

void Column::reserve(size_t records, size_t bytes) {
    // Values take a byte at least, so a schema that claims more of them than there are bytes gets no room.
    const size_t count = std::min(records * values_of_null(spec), bytes);
    std::visit([&](auto& held) { held.reserve(count); }, values);
    if (spec.layout == Layout::kList) row_splits.reserve(records + 1);
    if (spec.layout == Layout::kRaw)
        std::get<BytesValues>(values).data.reserve(std::min(records * static_cast<size_t>(spec.size), bytes));
}

void Column::reserve_alike(size_t rows, size_t records, size_t bytes) {
    const auto projected = [&](size_t used) {
        const double wanted = 1.0625 * static_cast<double>(used) / static_cast<double>(rows) * static_cast<double>(records);
        return std::min(static_cast<size_t>(wanted), bytes);
    };
    std::visit([&](auto& held) { held.data.reserve(projected(held.data.size())); }, values);
    if (auto* held = std::get_if<BytesValues>(&values)) held->reserve(projected(held->size()));
}

}  // namespace headrace
