// Reads schemas from fuzz input, and checks columns against them.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "records/column_builder.hpp"
#include "input.hpp"

namespace fuzz {

// The feature names in tests/golden; inputs.py lists them in the same order.
inline constexpr const char* kNames[] = {"float", "int",  "text",      "floats", "ints",  "texts", "pair",
                                         "sometimes", "image", "label", "i",      "f",     "b",     "c", ""};

// Reads three bytes: the name; kind, layout and flags; the size.
inline headrace::FeatureSpec read_feature(Input& input) {
    const char* name = kNames[input.byte() % std::size(kNames)];
    const uint8_t form = input.byte();
    const auto layout = static_cast<headrace::Layout>(form >> 2 & 3);
    auto kind = static_cast<headrace::ValueKind>(1 + (form & 3) % 3);
    if (layout == headrace::Layout::kRaw) kind = headrace::kBytes;
    const bool required = form >> 4 & 1, utf8 = form >> 5 & 1, narrow = form >> 6 & 1;
    return {name, kind, layout, input.byte() & 15, required, utf8, narrow ? 0 : INT64_MIN, narrow ? 127 : INT64_MAX};
}

inline std::vector<headrace::FeatureSpec> read_features(Input& input) {
    std::vector<headrace::FeatureSpec> features(input.byte() % 9);
    for (auto& feature : features) feature = read_feature(input);
    return features;
}

// An optional list of any length, which matches every feature of the kind.
inline headrace::FeatureSpec any_list(std::string name, headrace::ValueKind kind) {
    return {std::move(name), kind, headrace::Layout::kList, 1, false, false, INT64_MIN, INT64_MAX};
}

template <typename T>
bool same(const headrace::Buffer<T>& one, const headrace::Buffer<T>& other) {
    return one.size() == other.size() &&
           (!one.size() || !std::memcmp(one.data(), other.data(), one.size() * sizeof(T)));
}

inline bool same_offsets(const headrace::BytesValues& one, const headrace::BytesValues& other) {
    return same(one.offsets, other.offsets);
}
template <typename Values>
bool same_offsets(const Values&, const Values&) {
    return true;
}

inline void require_same(headrace::Validity& one, headrace::Validity& other, int64_t rows) {
    require(one.nulls() == other.nulls(), "the number of nulls differs");
    if (one.nulls()) require(same(one.finish(rows), other.finish(rows)), "the null rows differ");
}

inline void require_same(headrace::ColumnBuilder& one, headrace::ColumnBuilder& other, int64_t rows) {
    require(same(one.row_splits, other.row_splits), "row splits differ");
    require_same(one.validity, other.validity, rows);
    std::visit(
        [&](const auto& values) {
            const auto& others = std::get<std::decay_t<decltype(values)>>(other.values);
            require(same(values.data, others.data) && same_offsets(values, others), "values differ");
        },
        one.values);
}

inline void require_same(const headrace::RecordFailure& one, const headrace::RecordFailure& other) {
    require(one.fault == other.fault && one.feature == other.feature && one.found == other.found &&
                one.expected == other.expected && one.step == other.step,
            "failures differ");
}

inline void require_offsets(const headrace::BytesValues& values) {
    for (size_t i = 0; i < values.size(); ++i) require(values.offsets[i] <= values.offsets[i + 1], "offsets descend");
    require(values.offsets[values.size()] == static_cast<int64_t>(values.data.size()), "the last offset is not the end of the data");
}
template <typename Values>
void require_offsets(const Values&) {}

// Requires that the column has `rows` rows that match its specification.
inline void require_valid(const headrace::ColumnBuilder& column, int64_t rows) {
    const headrace::FeatureSpec& spec = column.spec;
    std::visit(
        [&](const auto& values) {
            auto expected = static_cast<size_t>(rows);
            if (spec.layout == headrace::Layout::kFixed) expected *= static_cast<size_t>(spec.size);
            if (spec.layout == headrace::Layout::kList) {
                require(column.row_splits.size() == static_cast<size_t>(rows) + 1, "the number of row splits differs from rows + 1");
                expected = static_cast<size_t>(column.row_splits[static_cast<size_t>(rows)]);
            }
            require(values.size() == expected, "the number of values does not match the layout");
            require_offsets(values);
            if (!column.validity.nulls())
                require(check_values(spec, values, 0).fault == headrace::RecordFault::kNone, "a value does not match the schema");
        },
        column.values);
}

// Prepends an unknown field, which is ignored but makes the record non-canonical, so that the fast path rejects it.
inline Block with_unknown_field(const Block& record) {
    std::vector<uint8_t> longer{15 << 3 | headrace::kVarint, 0};
    longer.insert(longer.end(), record.data(), record.data() + record.size());
    return Block({longer.data(), longer.data() + longer.size()});
}

// The total size of the records.
inline size_t total_size(const std::vector<Block>& records) {
    size_t bytes = 0;
    for (const Block& record : records) bytes += record.size();
    return bytes;
}

// Appends one record.
template <typename Appender>
headrace::RecordFailure append(Appender& appender, const Block& record) {
    const int64_t start = 0, length = static_cast<int64_t>(record.size());
    return appender.append(record.data(), &start, &length, 1);
}

}  // namespace fuzz
