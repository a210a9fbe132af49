#include "records/example_fast_path.hpp"

#include <algorithm>
#include <cstring>
#include <variant>

#include "bytes/little_endian.hpp"
#include "bytes/utf8.hpp"

namespace headrace {

namespace {

constexpr uint8_t field_tag(uint32_t number) { return static_cast<uint8_t>(number << 3 | kLengthDelimited); }

// Reads the tag and length of a field off the front; its `length` bytes, which are in bounds, then start at `from.at`.
[[gnu::always_inline]] inline bool read_field_header(Span& from, uint8_t tag, size_t& length) {
    if (from.size() < 2 || *from.at != tag) return false;
    ++from.at;
    uint64_t value;
    if (!read_varint(from, value) || value > from.size()) return false;
    length = static_cast<size_t>(value);
    return true;
}

// Narrows a message that consists of a single field with this tag to the field's contents.
[[gnu::always_inline]] inline bool unwrap_field(Span& message, uint8_t tag) {
    size_t length;
    return read_field_header(message, tag, length) && length == message.size();
}

// Whether the values from `start` on form a valid row. A row without values may be a null, which the general parser
// decides.
template <typename Values>
bool is_valid_row(const FeatureSpec& spec, const Values& values, size_t start) {
    const size_t count = values.size() - start;
    return (count || spec.layout == Layout::kList) && check_count(spec, count).fault == RecordFault::kNone &&
           check_values(spec, values, start).fault == RecordFault::kNone;
}

bool append_floats(const FeatureSpec& spec, FloatValues& values, Span list) {
    if (list.at == list.end) return spec.layout == Layout::kList;
    if (!unwrap_field(list, field_tag(1))) return false;
    if (spec.layout == Layout::kScalar) {
        if (list.size() != sizeof(float)) return false;
        std::memcpy(values.data.extend(1), list.at, sizeof(float));
        return true;
    }
    if (list.size() % sizeof(float)) return false;
    const size_t start = values.size();
    values.data.append(list.at, list.size() / sizeof(float));
    return is_valid_row(spec, values, start);
}

bool append_ints(const FeatureSpec& spec, Int64Values& values, Span list) {
    if (spec.layout != Layout::kScalar) {
        const size_t start = values.size();
        return values.read_list(list) && is_valid_row(spec, values, start);
    }
    uint64_t bits;
    if (!unwrap_field(list, field_tag(1)) || !read_varint(list, bits) || list.at != list.end) return false;
    const auto value = static_cast<int64_t>(bits);
    if (value < spec.lowest || value > spec.highest) return false;
    values.data.push(value);
    return true;
}

bool append_bytes(const FeatureSpec& spec, BytesValues& values, Span list) {
    if (spec.layout == Layout::kList || spec.layout == Layout::kFixed) {
        const size_t start = values.size();
        return values.read_list(list) && is_valid_row(spec, values, start);
    }
    if (!unwrap_field(list, field_tag(1))) return false;
    if (spec.layout == Layout::kRaw && list.size() != static_cast<size_t>(spec.size)) return false;
    if (spec.utf8 && !is_utf8(list)) return false;
    values.data.append(list.at, list.size());
    values.offsets.push(static_cast<int64_t>(values.data.size()));
    return true;
}

void append_null(ColumnBuilder& column, int64_t row) {
    std::visit(
        [&](auto& values) {
            append_null_values(column.spec, values, null_value_count(column.spec));
            if (column.spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
        },
        column.values);
    column.validity.mark_null(row);
}

// Truncates the column to `rows` rows. Validity needs no change: nulls are marked only once a row is complete.
void truncate_rows(ColumnBuilder& column, int64_t rows) {
    const FeatureSpec& spec = column.spec;
    auto values = static_cast<size_t>(rows);
    if (spec.layout == Layout::kFixed) values *= static_cast<size_t>(spec.size);
    if (spec.layout == Layout::kList) {
        values = static_cast<size_t>(column.row_splits[static_cast<size_t>(rows)]);
        column.row_splits.truncate(static_cast<size_t>(rows) + 1);
    }
    std::visit([&](auto& held) { held.truncate(values); }, column.values);
}

}  // namespace

bool append_canonical_feature(ColumnBuilder& column, Span feature) {
    const FeatureSpec& spec = column.spec;
    if (!unwrap_field(feature, field_tag(spec.kind))) return false;
    const auto finish = [&](const auto& values) {
        if (values.data.size() > kMaxOffset || values.size() > kMaxOffset) return false;
        if (spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
        return true;
    };
    if (spec.kind == kFloat) {
        auto& values = *std::get_if<FloatValues>(&column.values);
        return append_floats(spec, values, feature) && finish(values);
    }
    if (spec.kind == kInt64) {
        auto& values = *std::get_if<Int64Values>(&column.values);
        return append_ints(spec, values, feature) && finish(values);
    }
    auto& values = *std::get_if<BytesValues>(&column.values);
    return append_bytes(spec, values, feature) && finish(values);
}

namespace {

// The header of a step with one number: the tags and lengths of the Feature, its list, and the packed values.
constexpr size_t kStepHeader = 6;

int64_t append_float_steps(FloatValues& values, Span& list) {
    constexpr uint8_t kHeader[kStepHeader] = {field_tag(1), 8, field_tag(kFloat), 6, field_tag(1), sizeof(float)};
    constexpr size_t kStep = kStepHeader + sizeof(float);
    const size_t before = values.data.size();
    float* to = values.data.extend(list.size() / kStep);
    size_t count = 0;
    for (; list.size() >= kStep && !std::memcmp(list.at, kHeader, kStepHeader); list.at += kStep)
        std::memcpy(to + count++, list.at + kStepHeader, sizeof(float));
    values.data.truncate(before + count);
    return static_cast<int64_t>(count);
}

int64_t append_int_steps(const FeatureSpec& spec, Int64Values& values, Span& list) {
    const size_t before = values.data.size();
    int64_t* to = values.data.extend(list.size() / (kStepHeader + 1));
    size_t count = 0;
    while (list.size() > kStepHeader) {
        const uint8_t* p = list.at;
        const size_t length = p[kStepHeader - 1];
        const bool is_header = p[0] == field_tag(1) && p[1] == length + 4 && p[2] == field_tag(kInt64) &&
                             p[3] == length + 2 && p[4] == field_tag(1);
        if (!is_header || length > list.size() - kStepHeader) break;
        Span number{p + kStepHeader, p + kStepHeader + length};
        uint64_t bits;
        if (!read_varint(number, bits) || number.at != number.end) break;
        const auto value = static_cast<int64_t>(bits);
        if (value < spec.lowest || value > spec.highest) break;
        to[count++] = value;
        list.at = number.end;
    }
    values.data.truncate(before + count);
    return static_cast<int64_t>(count);
}

}  // namespace

int64_t append_canonical_steps(ColumnBuilder& column, Span& list) {
    if (auto* floats = std::get_if<FloatValues>(&column.values)) return append_float_steps(*floats, list);
    auto* ints = std::get_if<Int64Values>(&column.values);
    return ints ? append_int_steps(column.spec, *ints, list) : 0;
}

bool ExampleFastPath::append_cached_entry(Span& features, const CachedEntry& cached, int64_t row, std::vector<ColumnBuilder>& columns) {
    const size_t size = cached.size + cached.number_size;
    if (!cached.size || features.size() < size || !same_bytes(features.at, cached.bytes, cached.size)) return false;
    Span number{features.at + cached.size, features.at + size};
    ColumnBuilder& column = columns[static_cast<size_t>(cached.column)];
    int64_t& last_row = last_row_[static_cast<size_t>(cached.column)];
    if (last_row == row) return false;
    if (auto* floats = std::get_if<FloatValues>(&column.values)) {
        std::memcpy(floats->data.extend(1), number.at, sizeof(float));
    } else {
        uint64_t bits;
        if (!read_varint(number, bits) || number.at != number.end) return false;
        const auto value = static_cast<int64_t>(bits);
        if (value < column.spec.lowest || value > column.spec.highest) return false;
        std::get_if<Int64Values>(&column.values)->data.push(value);
    }
    last_row = row;
    ++found_;
    features.at = number.end;
    return true;
}

void ExampleFastPath::cache_entry(size_t position, Span entry, const ColumnBuilder& column, int number) {
    if (column.spec.layout != Layout::kScalar || column.spec.kind == kBytes || position >= kMaxCached) return;
    size_t number_size = sizeof(float);
    if (column.spec.kind == kInt64)
        for (number_size = 1; number_size < 10 && entry.end[-1 - static_cast<int>(number_size)] >= 0x80;) ++number_size;
    const size_t size = entry.size() - number_size;
    if (size > CachedEntry::kMaxSize) return;
    if (position >= entry_cache_.size()) entry_cache_.resize(position + 1);
    CachedEntry& cached = entry_cache_[position];
    std::memcpy(cached.bytes, entry.at, size);
    cached.size = static_cast<uint8_t>(size);
    cached.number_size = static_cast<uint8_t>(number_size);
    cached.column = number;
}

bool ExampleFastPath::append_entry(
    Span& features, size_t position, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names) {
    const uint8_t* begin = features.at;
    size_t length;
    if (!read_field_header(features, field_tag(1), length)) return false;
    Span entry{features.at, features.at + length};
    features.at = entry.end;
    if (!read_field_header(entry, field_tag(1), length)) return false;
    const Span key{entry.at, entry.at + length};
    entry.at = key.end;
    if (!unwrap_field(entry, field_tag(2))) return false;
    const int found = names.find(key.text(), position);
    if (found < 0) return true;
    const auto i = static_cast<size_t>(found);
    if (last_row_[i] == row || !append_canonical_feature(columns[i], entry)) return false;
    last_row_[i] = row;
    ++found_;
    cache_entry(position, {begin, entry.end}, columns[i], found);
    return true;
}

bool ExampleFastPath::append_features(Span features, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names) {
    for (size_t position = 0; features.at < features.end; ++position) {
        if (position < entry_cache_.size() && append_cached_entry(features, entry_cache_[position], row, columns)) continue;
        if (!append_entry(features, position, row, columns, names)) return false;
    }
    return true;
}

bool ExampleFastPath::append_missing(int64_t row, std::vector<ColumnBuilder>& columns) const {
    if (found_ == columns.size()) return true;
    for (size_t i = 0; i < columns.size(); ++i)
        if (last_row_[i] != row && columns[i].spec.required) return false;
    for (size_t i = 0; i < columns.size(); ++i)
        if (last_row_[i] != row) append_null(columns[i], row);
    return true;
}

bool ExampleFastPath::append(Span record, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names) {
    found_ = 0;
    if (unwrap_field(record, field_tag(1)) && append_features(record, row, columns, names) && append_missing(row, columns))
        return true;
    for (ColumnBuilder& column : columns) truncate_rows(column, row);
    std::fill(last_row_.begin(), last_row_.end(), -1);
    return false;
}

}  // namespace headrace
