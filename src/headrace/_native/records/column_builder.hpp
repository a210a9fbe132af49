// An Arrow column under construction. Values are read from features and checked against the schema.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "bytes/buffer.hpp"
#include "records/record_failure.hpp"
#include "records/feature_values.hpp"
#include "bytes/utf8.hpp"
#include "records/validity.hpp"

namespace headrace {

enum class Layout : int {
    kScalar = 0,  // one value
    kList = 1,    // any number of values
    kFixed = 2,   // exactly `size` values
    kRaw = 3,     // one bytes value of exactly `size` bytes
};

struct FeatureSpec {
    std::string name;
    ValueKind kind;
    Layout layout;
    int64_t size;
    bool required;
    bool utf8;       // bytes values must be UTF-8
    int64_t lowest;  // integers must lie in [lowest, highest]
    int64_t highest;
};

struct ColumnBuilder {
    FeatureSpec spec;
    std::variant<FloatValues, Int64Values, BytesValues> values;
    Buffer<int32_t> row_splits;  // for kList, [rows + 1]
    Validity validity;

    explicit ColumnBuilder(FeatureSpec spec);

    // Reserves what the schema implies for a total of `records` records in `bytes` bytes of data.
    void reserve(size_t records, size_t bytes);

    // Reserves memory for `records` records, extrapolated from the first `rows`.
    void reserve_from_sample(size_t rows, size_t records, size_t bytes);
};

inline constexpr size_t kMaxOffset = std::numeric_limits<int32_t>::max();

inline RecordFailure check_values(const FeatureSpec&, const FloatValues&, size_t) { return {}; }

inline RecordFailure check_values(const FeatureSpec& spec, const Int64Values& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i)
        if (values.data[i] < spec.lowest || values.data[i] > spec.highest)
            return {.fault = RecordFault::kRange, .found = values.data[i]};
    return {};
}

inline RecordFailure check_values(const FeatureSpec& spec, const BytesValues& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i) {
        const Span value = values.value(i);
        if (spec.utf8 && !is_utf8(value)) return {.fault = RecordFault::kUtf8};
        if (spec.layout == Layout::kRaw && static_cast<int64_t>(value.size()) != spec.size)
            return {.fault = RecordFault::kSize, .found = static_cast<int64_t>(value.size()), .expected = spec.size};
    }
    return {};
}

// Appends the placeholder values that Arrow requires for a null.
inline void append_null_values(const FeatureSpec&, FloatValues& values, size_t count) { values.append_defaults(count); }
inline void append_null_values(const FeatureSpec&, Int64Values& values, size_t count) { values.append_defaults(count); }
inline void append_null_values(const FeatureSpec& spec, BytesValues& values, size_t count) {
    if (spec.layout == Layout::kRaw) values.data.append_zeros(static_cast<size_t>(spec.size));
    values.append_defaults(count);
}

// The number of placeholder values of a null.
inline size_t null_value_count(const FeatureSpec& spec) {
    if (spec.layout == Layout::kList) return 0;
    return spec.layout == Layout::kFixed ? static_cast<size_t>(spec.size) : 1;
}

inline RecordFailure check_count(const FeatureSpec& spec, size_t count) {
    const int64_t expected = spec.layout == Layout::kFixed ? spec.size : 1;
    if (spec.layout == Layout::kList || static_cast<int64_t>(count) == expected) return {};
    return {.fault = RecordFault::kCount, .found = static_cast<int64_t>(count), .expected = expected};
}

// Appends one row. `read(values, kind)` appends the feature to `values`, which are the column's, and sets its kind,
// kNoKind if it is absent. It returns false if the feature is malformed.
template <typename Values, typename Read>
RecordFailure append_value(ColumnBuilder& column, Values& values, int64_t row, Read&& read) {
    const FeatureSpec& spec = column.spec;
    const size_t start = values.size();
    uint32_t kind;
    if (!read(values, kind)) return {.fault = RecordFault::kMalformed};
    if (kind != kNoKind && kind != spec.kind)
        return {.fault = RecordFault::kKind, .found = kind, .expected = static_cast<int64_t>(spec.kind)};
    if (kind == kNoKind && spec.required) return {.fault = RecordFault::kMissing};
    const size_t count = values.size() - start;
    const bool null = kind == kNoKind || (count == 0 && !spec.required && spec.layout != Layout::kList);
    if (null) {
        append_null_values(spec, values, null_value_count(spec));
    } else {
        if (const RecordFailure failure = check_count(spec, count); failure.fault != RecordFault::kNone) return failure;
        if (const RecordFailure failure = check_values(spec, values, start); failure.fault != RecordFault::kNone) return failure;
    }
    if (values.size() > kMaxOffset || values.data.size() > kMaxOffset) return {.fault = RecordFault::kOverflow};
    if (spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
    if (null) column.validity.mark_null(row);
    return {};
}

}  // namespace headrace
