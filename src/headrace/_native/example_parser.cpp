#include "example_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

namespace headrace {

namespace {

constexpr size_t kLargestOffset = std::numeric_limits<int32_t>::max();
constexpr size_t kLongestMap = 1 << 16;  // positions worth remembering

std::variant<FloatValues, Int64Values, BytesValues> empty_values(Kind kind) {
    if (kind == kFloat) return FloatValues{};
    if (kind == kInt64) return Int64Values{};
    return BytesValues{};
}

Failure check(const FeatureSpec&, const FloatValues&, size_t) { return {}; }

Failure check(const FeatureSpec& spec, const Int64Values& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i)
        if (values.data[i] < spec.lowest || values.data[i] > spec.highest)
            return {.fault = Fault::kRange, .found = values.data[i]};
    return {};
}

Failure check(const FeatureSpec& spec, const BytesValues& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i) {
        const Span value = values.value(i);
        if (spec.utf8 && !is_utf8(value)) return {.fault = Fault::kUtf8};
        if (spec.layout == Layout::kRaw && static_cast<int64_t>(value.size()) != spec.size)
            return {.fault = Fault::kSize, .found = static_cast<int64_t>(value.size()), .expected = spec.size};
    }
    return {};
}

// What stands in a null's place: Arrow wants as many values there as anywhere else.
void fill_null(const FeatureSpec&, FloatValues& values, size_t count) { values.fill(count); }
void fill_null(const FeatureSpec&, Int64Values& values, size_t count) { values.fill(count); }
void fill_null(const FeatureSpec& spec, BytesValues& values, size_t count) {
    if (spec.layout == Layout::kRaw) {
        const auto size = static_cast<size_t>(spec.size);
        std::memset(values.data.extend(size), 0, size);
    }
    values.fill(count);
}

size_t values_of_null(const FeatureSpec& spec) {
    if (spec.layout == Layout::kList) return 0;
    return spec.layout == Layout::kFixed ? static_cast<size_t>(spec.size) : 1;
}

void set_bits(Buffer<uint8_t>& bits, size_t first, size_t end) {
    for (size_t row = first; row < end; ++row) bits[row / 8] |= static_cast<uint8_t>(1 << row % 8);
}

// Rows since the last null are valid; their bits are set when the next null comes, or at the end.
void catch_up(Column& column, int64_t rows) {
    const size_t bytes = (static_cast<size_t>(rows) + 7) / 8, before = column.validity.size();
    if (bytes > before) std::memset(column.validity.extend(bytes - before), 0, bytes - before);
    set_bits(column.validity, static_cast<size_t>(column.rows_marked), static_cast<size_t>(rows));
    column.rows_marked = rows;
}

void mark_null(Column& column, int64_t row) {
    catch_up(column, row);
    ++column.rows_marked;
    ++column.nulls;
}

Failure wrong_count(const FeatureSpec& spec, size_t count) {
    const int64_t expected = spec.layout == Layout::kFixed ? spec.size : 1;
    if (spec.layout == Layout::kList || static_cast<int64_t>(count) == expected) return {};
    return {.fault = Fault::kCount, .found = static_cast<int64_t>(count), .expected = expected};
}

template <typename Values>
Failure append_feature(const FeatureIndex& index, size_t feature, Column& column, Values& values, int64_t row) {
    const FeatureSpec& spec = column.spec;
    const size_t start = values.size();
    uint32_t kind;
    if (!index.read_values(feature, values, kind)) return {.fault = Fault::kMalformed};
    if (kind != kNoKind && kind != spec.kind)
        return {.fault = Fault::kKind, .found = kind, .expected = static_cast<int64_t>(spec.kind)};
    if (kind == kNoKind && spec.required) return {.fault = Fault::kMissing};
    const size_t count = values.size() - start;
    const bool null = kind == kNoKind || (count == 0 && !spec.required && spec.layout != Layout::kList);
    if (null) {
        fill_null(spec, values, values_of_null(spec));
    } else {
        if (const Failure failure = wrong_count(spec, count); failure.fault != Fault::kNone) return failure;
        if (const Failure failure = check(spec, values, start); failure.fault != Fault::kNone) return failure;
    }
    if (values.size() > kLargestOffset || values.data.size() > kLargestOffset) return {.fault = Fault::kOverflow};
    if (spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
    if (null) mark_null(column, row);
    return {};
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

void Column::finish(int64_t rows) {
    if (nulls) catch_up(*this, rows);
}

ExampleParser::ExampleParser(std::vector<FeatureSpec> features) {
    columns_.reserve(features.size());
    for (FeatureSpec& feature : features) columns_.emplace_back(std::move(feature));
    for (size_t i = 0; i < columns_.size(); ++i) by_name_.emplace(columns_[i].spec.name, static_cast<int>(i));
    index_.resize(columns_.size());
}

int ExampleParser::find(std::string_view name, size_t position) {
    if (position >= likely_.size()) {
        if (position >= kLongestMap) {
            const auto known = by_name_.find(name);
            return known == by_name_.end() ? -1 : known->second;
        }
        likely_.resize(position + 1, -1);
    }
    const int guess = likely_[position];
    if (guess >= 0 && columns_[static_cast<size_t>(guess)].spec.name == name) return guess;
    const auto known = by_name_.find(name);
    return likely_[position] = known == by_name_.end() ? -1 : known->second;
}

Failure ExampleParser::append_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t position) { return find(name, position); };
    if (!index_.read(record, resolve)) return {.fault = Fault::kMalformed};
    for (size_t i = 0; i < columns_.size(); ++i) {
        Column& column = columns_[i];
        Failure failure = std::visit(
            [&](auto& values) { return append_feature(index_, i, column, values, rows_); }, column.values);
        if (failure.fault == Fault::kNone) continue;
        failure.feature = static_cast<int64_t>(i);
        return failure;
    }
    ++rows_;
    return {};
}

void ExampleParser::reserve(size_t records, size_t bytes) {
    for (Column& column : columns_) column.reserve(records, bytes);
}

Failure ExampleParser::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        Failure failure = append_row({data + starts[i], data + starts[i] + lengths[i]});
        if (failure.fault == Fault::kNone) continue;
        failure.row = static_cast<int64_t>(i);
        return failure;
    }
    return {};
}

}  // namespace headrace
