// Schemas out of fuzz input, and columns held against them.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "records/column_builder.hpp"
#include "input.hpp"

namespace fuzz {

// The names in tests/golden; seeds.py knows their order.
inline constexpr const char* kNames[] = {"float", "int",  "text",      "floats", "ints",  "texts", "pair",
                                         "sometimes", "image", "label", "i",      "f",     "b",     "c", ""};

// Three bytes: the name; kind, layout and what must hold; the size.
inline headrace::FeatureSpec take_feature(Input& input) {
    const char* name = kNames[input.byte() % std::size(kNames)];
    const uint8_t form = input.byte();
    const auto layout = static_cast<headrace::Layout>(form >> 2 & 3);
    auto kind = static_cast<headrace::Kind>(1 + (form & 3) % 3);
    if (layout == headrace::Layout::kRaw) kind = headrace::kBytes;
    const bool required = form >> 4 & 1, utf8 = form >> 5 & 1, narrow = form >> 6 & 1;
    return {name, kind, layout, input.byte() & 15, required, utf8, narrow ? 0 : INT64_MIN, narrow ? 127 : INT64_MAX};
}

inline std::vector<headrace::FeatureSpec> take_features(Input& input) {
    std::vector<headrace::FeatureSpec> features(input.byte() % 9);
    for (auto& feature : features) feature = take_feature(input);
    return features;
}

// A list of any length, which may be absent: what fits every feature of a kind.
inline headrace::FeatureSpec any_list(std::string name, headrace::Kind kind) {
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
    require(one.nulls() == other.nulls(), "as many nulls");
    if (one.nulls()) require(same(one.finish(rows), other.finish(rows)), "the same rows are null");
}

inline void require_same(headrace::Column& one, headrace::Column& other, int64_t rows) {
    require(same(one.row_splits, other.row_splits), "the same row splits");
    require_same(one.validity, other.validity, rows);
    std::visit(
        [&](const auto& values) {
            const auto& others = std::get<std::decay_t<decltype(values)>>(other.values);
            require(same(values.data, others.data) && same_offsets(values, others), "the same values");
        },
        one.values);
}

inline void require_same(const headrace::Failure& one, const headrace::Failure& other) {
    require(one.fault == other.fault && one.feature == other.feature && one.found == other.found &&
                one.expected == other.expected && one.step == other.step,
            "the same failure");
}

inline void require_offsets(const headrace::BytesValues& values) {
    for (size_t i = 0; i < values.size(); ++i) require(values.offsets[i] <= values.offsets[i + 1], "offsets rise");
    require(values.offsets[values.size()] == static_cast<int64_t>(values.data.size()), "offsets end with the data");
}
template <typename Values>
void require_offsets(const Values&) {}

// The column holds `rows` rows, each as its specification asks.
inline void require_sound(const headrace::Column& column, int64_t rows) {
    const headrace::FeatureSpec& spec = column.spec;
    std::visit(
        [&](const auto& values) {
            auto expected = static_cast<size_t>(rows);
            if (spec.layout == headrace::Layout::kFixed) expected *= static_cast<size_t>(spec.size);
            if (spec.layout == headrace::Layout::kList) {
                require(column.row_splits.size() == static_cast<size_t>(rows) + 1, "a row split a row");
                expected = static_cast<size_t>(column.row_splits[static_cast<size_t>(rows)]);
            }
            require(values.size() == expected, "as many values as the layout says");
            require_offsets(values);
            if (!column.validity.nulls())
                require(check(spec, values, 0).fault == headrace::Fault::kNone, "values are what the schema asks for");
        },
        column.values);
}

// An unknown field of no effect, which keeps a record from being read by shortcuts.
inline Block with_unknown_field(const Block& record) {
    std::vector<uint8_t> longer{15 << 3 | headrace::kVarint, 0};
    longer.insert(longer.end(), record.data(), record.data() + record.size());
    return Block({longer.data(), longer.data() + longer.size()});
}

// Bytes of all records.
inline size_t total(const std::vector<Block>& records) {
    size_t bytes = 0;
    for (const Block& record : records) bytes += record.size();
    return bytes;
}

// One record, in memory of its own.
template <typename Appender>
headrace::Failure append(Appender& appender, const Block& record) {
    const int64_t start = 0, length = static_cast<int64_t>(record.size());
    return appender.append(record.data(), &start, &length, 1);
}

}  // namespace fuzz
