// One Arrow column under construction: values taken from features, checked against what the schema asks for.
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
    kFixed = 2,   // `size` values
    kRaw = 3,     // one bytes value of `size` bytes
};

struct FeatureSpec {
    std::string name;
    Kind kind;
    Layout layout;
    int64_t size;
    bool required;
    bool utf8;        // bytes must be UTF-8
    int64_t lowest;   // integers must lie in [lowest, highest]
    int64_t highest;
};

struct Column {
    FeatureSpec spec;
    std::variant<FloatValues, Int64Values, BytesValues> values;
    Buffer<int32_t> row_splits;  // kList: [rows + 1]
    Validity validity;

    explicit Column(FeatureSpec spec);
    // Room for records to come, as far as the schema tells: how many, and how many bytes of data altogether.
    void reserve(size_t records, size_t bytes);
    // Room for as many records, if the rest are like the first `rows`.
    void reserve_alike(size_t rows, size_t records, size_t bytes);
};

inline constexpr size_t kLargestOffset = std::numeric_limits<int32_t>::max();

inline Failure check(const FeatureSpec&, const FloatValues&, size_t) { return {}; }

inline Failure check(const FeatureSpec& spec, const Int64Values& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i)
        if (values.data[i] < spec.lowest || values.data[i] > spec.highest)
            return {.fault = Fault::kRange, .found = values.data[i]};
    return {};
}

inline Failure check(const FeatureSpec& spec, const BytesValues& values, size_t start) {
    for (size_t i = start; i < values.size(); ++i) {
        const Span value = values.value(i);
        if (spec.utf8 && !is_utf8(value)) return {.fault = Fault::kUtf8};
        if (spec.layout == Layout::kRaw && static_cast<int64_t>(value.size()) != spec.size)
            return {.fault = Fault::kSize, .found = static_cast<int64_t>(value.size()), .expected = spec.size};
    }
    return {};
}

// What stands in a null's place: Arrow wants as many values there as anywhere else.
inline void fill_null(const FeatureSpec&, FloatValues& values, size_t count) { values.fill(count); }
inline void fill_null(const FeatureSpec&, Int64Values& values, size_t count) { values.fill(count); }
inline void fill_null(const FeatureSpec& spec, BytesValues& values, size_t count) {
    if (spec.layout == Layout::kRaw) values.data.append_zeros(static_cast<size_t>(spec.size));
    values.fill(count);
}

inline size_t values_of_null(const FeatureSpec& spec) {
    if (spec.layout == Layout::kList) return 0;
    return spec.layout == Layout::kFixed ? static_cast<size_t>(spec.size) : 1;
}

inline Failure wrong_count(const FeatureSpec& spec, size_t count) {
    const int64_t expected = spec.layout == Layout::kFixed ? spec.size : 1;
    if (spec.layout == Layout::kList || static_cast<int64_t>(count) == expected) return {};
    return {.fault = Fault::kCount, .found = static_cast<int64_t>(count), .expected = expected};
}

// Appends one row. `read(values, kind)` reads the feature to the end of `values`, which are the column's, and tells
// its kind, kNoKind if it is absent; false if malformed.
template <typename Values, typename Read>
Failure append_value(Column& column, Values& values, int64_t row, Read&& read) {
    const FeatureSpec& spec = column.spec;
    const size_t start = values.size();
    uint32_t kind;
    if (!read(values, kind)) return {.fault = Fault::kMalformed};
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
    if (null) column.validity.mark_null(row);
    return {};
}

}  // namespace headrace
