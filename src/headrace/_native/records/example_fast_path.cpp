#include "records/example_fast_path.hpp"

#include <algorithm>
#include <cstring>
#include <variant>

#include "bytes/little_endian.hpp"
#include "bytes/utf8.hpp"

namespace headrace {

namespace {

constexpr uint8_t field_tag(uint32_t number) { return static_cast<uint8_t>(number << 3 | kLengthDelimited); }

// Takes the tag and length of a field off the front; what it holds starts at `from.at` then, `length` bytes that are there.
[[gnu::always_inline]] inline bool open_field(Span& from, uint8_t tag, size_t& length) {
    if (from.size() < 2 || *from.at != tag) return false;
    ++from.at;
    uint64_t claimed;
    if (!take_varint(from, claimed) || claimed > from.size()) return false;
    length = static_cast<size_t>(claimed);
    return true;
}

// Cuts a message that is one field with this tag, and no more, down to what that holds.
[[gnu::always_inline]] inline bool unwrap_field(Span& message, uint8_t tag) {
    size_t length;
    return open_field(message, tag, length) && length == message.size();
}

// Whether the values from `start` on are those of a row. No values may mean null; the slower reader knows.
template <typename Values>
bool is_row(const FeatureSpec& spec, const Values& values, size_t start) {
    const size_t count = values.size() - start;
    return (count || spec.layout == Layout::kList) && wrong_count(spec, count).fault == Fault::kNone &&
           check(spec, values, start).fault == Fault::kNone;
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
    return is_row(spec, values, start);
}

bool append_ints(const FeatureSpec& spec, Int64Values& values, Span list) {
    if (spec.layout != Layout::kScalar) {
        const size_t start = values.size();
        return values.take_list(list) && is_row(spec, values, start);
    }
    uint64_t bits;
    if (!unwrap_field(list, field_tag(1)) || !take_varint(list, bits) || list.at != list.end) return false;
    const auto value = static_cast<int64_t>(bits);
    if (value < spec.lowest || value > spec.highest) return false;
    values.data.push(value);
    return true;
}

bool append_bytes(const FeatureSpec& spec, BytesValues& values, Span list) {
    if (spec.layout == Layout::kList || spec.layout == Layout::kFixed) {
        const size_t start = values.size();
        return values.take_list(list) && is_row(spec, values, start);
    }
    if (!unwrap_field(list, field_tag(1))) return false;
    if (spec.layout == Layout::kRaw && list.size() != static_cast<size_t>(spec.size)) return false;
    if (spec.utf8 && !is_utf8(list)) return false;
    values.data.append(list.at, list.size());
    values.offsets.push(static_cast<int64_t>(values.data.size()));
    return true;
}

void append_null(Column& column, int64_t row) {
    std::visit(
        [&](auto& values) {
            fill_null(column.spec, values, values_of_null(column.spec));
            if (column.spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
        },
        column.values);
    column.validity.mark_null(row);
}

// Back to `rows` rows. No null is marked before a row is sure to stay.
void cut_back(Column& column, int64_t rows) {
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

bool append_plain_feature(Column& column, Span feature) {
    const FeatureSpec& spec = column.spec;
    if (!unwrap_field(feature, field_tag(spec.kind))) return false;
    const auto closed = [&](const auto& values) {
        if (values.data.size() > kLargestOffset || values.size() > kLargestOffset) return false;
        if (spec.layout == Layout::kList) column.row_splits.push(static_cast<int32_t>(values.size()));
        return true;
    };
    if (spec.kind == kFloat) {
        auto& values = *std::get_if<FloatValues>(&column.values);
        return append_floats(spec, values, feature) && closed(values);
    }
    if (spec.kind == kInt64) {
        auto& values = *std::get_if<Int64Values>(&column.values);
        return append_ints(spec, values, feature) && closed(values);
    }
    auto& values = *std::get_if<BytesValues>(&column.values);
    return append_bytes(spec, values, feature) && closed(values);
}

namespace {

// A step that is one number: Feature, the list of its kind, and that one's packed values, each a tag and a length.
constexpr size_t kStepHead = 6;

int64_t take_float_steps(FloatValues& values, Span& list) {
    constexpr uint8_t kHead[kStepHead] = {field_tag(1), 8, field_tag(kFloat), 6, field_tag(1), sizeof(float)};
    constexpr size_t kStep = kStepHead + sizeof(float);
    const size_t before = values.data.size();
    float* to = values.data.extend(list.size() / kStep);
    size_t count = 0;
    for (; list.size() >= kStep && !std::memcmp(list.at, kHead, kStepHead); list.at += kStep)
        std::memcpy(to + count++, list.at + kStepHead, sizeof(float));
    values.data.truncate(before + count);
    return static_cast<int64_t>(count);
}

int64_t take_int_steps(const FeatureSpec& spec, Int64Values& values, Span& list) {
    const size_t before = values.data.size();
    int64_t* to = values.data.extend(list.size() / (kStepHead + 1));
    size_t count = 0;
    while (list.size() > kStepHead) {
        const uint8_t* p = list.at;
        const size_t length = p[kStepHead - 1];
        const bool is_head = p[0] == field_tag(1) && p[1] == length + 4 && p[2] == field_tag(kInt64) &&
                             p[3] == length + 2 && p[4] == field_tag(1);
        if (!is_head || length > list.size() - kStepHead) break;
        Span number{p + kStepHead, p + kStepHead + length};
        uint64_t bits;
        if (!take_varint(number, bits) || number.at != number.end) break;
        const auto value = static_cast<int64_t>(bits);
        if (value < spec.lowest || value > spec.highest) break;
        to[count++] = value;
        list.at = number.end;
    }
    values.data.truncate(before + count);
    return static_cast<int64_t>(count);
}

}  // namespace

int64_t take_plain_steps(Column& column, Span& list) {
    if (auto* floats = std::get_if<FloatValues>(&column.values)) return take_float_steps(*floats, list);
    auto* ints = std::get_if<Int64Values>(&column.values);
    return ints ? take_int_steps(column.spec, *ints, list) : 0;
}

bool PlainExample::take_familiar(Span& features, const Familiar& known, int64_t row, std::vector<Column>& columns) {
    const size_t size = known.size + known.number_size;
    if (!known.size || features.size() < size || !same_bytes(features.at, known.bytes, known.size)) return false;
    Span number{features.at + known.size, features.at + size};
    Column& column = columns[static_cast<size_t>(known.column)];
    int64_t& last_row = last_row_[static_cast<size_t>(known.column)];
    if (last_row == row) return false;
    if (auto* floats = std::get_if<FloatValues>(&column.values)) {
        std::memcpy(floats->data.extend(1), number.at, sizeof(float));
    } else {
        uint64_t bits;
        if (!take_varint(number, bits) || number.at != number.end) return false;
        const auto value = static_cast<int64_t>(bits);
        if (value < column.spec.lowest || value > column.spec.highest) return false;
        std::get_if<Int64Values>(&column.values)->data.push(value);
    }
    last_row = row;
    ++found_;
    features.at = number.end;
    return true;
}

void PlainExample::remember(size_t position, Span entry, const Column& column, int number) {
    if (column.spec.layout != Layout::kScalar || column.spec.kind == kBytes || position >= kMostFamiliar) return;
    size_t number_size = sizeof(float);
    if (column.spec.kind == kInt64)
        for (number_size = 1; number_size < 10 && entry.end[-1 - static_cast<int>(number_size)] >= 0x80;) ++number_size;
    const size_t size = entry.size() - number_size;
    if (size > Familiar::kLongest) return;
    if (position >= familiar_.size()) familiar_.resize(position + 1);
    Familiar& known = familiar_[position];
    std::memcpy(known.bytes, entry.at, size);
    known.size = static_cast<uint8_t>(size);
    known.number_size = static_cast<uint8_t>(number_size);
    known.column = number;
}

bool PlainExample::take_entry(
    Span& features, size_t position, int64_t row, std::vector<Column>& columns, NameIndex& names) {
    const uint8_t* begin = features.at;
    size_t length;
    if (!open_field(features, field_tag(1), length)) return false;
    Span entry{features.at, features.at + length};
    features.at = entry.end;
    if (!open_field(entry, field_tag(1), length)) return false;
    const Span key{entry.at, entry.at + length};
    entry.at = key.end;
    if (!unwrap_field(entry, field_tag(2))) return false;
    const int found = names.find(key.text(), position);
    if (found < 0) return true;
    const auto i = static_cast<size_t>(found);
    if (last_row_[i] == row || !append_plain_feature(columns[i], entry)) return false;
    last_row_[i] = row;
    ++found_;
    remember(position, {begin, entry.end}, columns[i], found);
    return true;
}

bool PlainExample::take_features(Span features, int64_t row, std::vector<Column>& columns, NameIndex& names) {
    for (size_t position = 0; features.at < features.end; ++position) {
        if (position < familiar_.size() && take_familiar(features, familiar_[position], row, columns)) continue;
        if (!take_entry(features, position, row, columns, names)) return false;
    }
    return true;
}

bool PlainExample::fill_absent(int64_t row, std::vector<Column>& columns) const {
    if (found_ == columns.size()) return true;
    for (size_t i = 0; i < columns.size(); ++i)
        if (last_row_[i] != row && columns[i].spec.required) return false;
    for (size_t i = 0; i < columns.size(); ++i)
        if (last_row_[i] != row) append_null(columns[i], row);
    return true;
}

bool PlainExample::append(Span record, int64_t row, std::vector<Column>& columns, NameIndex& names) {
    found_ = 0;
    if (unwrap_field(record, field_tag(1)) && take_features(record, row, columns, names) && fill_absent(row, columns))
        return true;
    for (Column& column : columns) cut_back(column, row);
    std::fill(last_row_.begin(), last_row_.end(), -1);
    return false;
}

}  // namespace headrace
