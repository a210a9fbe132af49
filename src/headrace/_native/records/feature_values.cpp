#include "records/feature_values.hpp"

namespace headrace {

namespace {

constexpr uint8_t kPackedTag = 1 << 3 | kLengthDelimited;

bool append_packed_varints(Span packed, Buffer<int64_t>& data) {
    const size_t before = data.size();
    int64_t* to = data.extend(packed.size());  // a value takes at least one byte
    size_t count = 0;
    uint64_t value;
    while (packed.at < packed.end) {
        if (!read_varint(packed, value)) return false;
        to[count++] = static_cast<int64_t>(value);
    }
    data.truncate(before + count);
    return true;
}

}  // namespace

void FloatValues::append_defaults(size_t count) { data.append_zeros(count); }

bool FloatValues::read_list(Span list) {
    if (unwrap_only_field(list, kPackedTag) && list.size() % sizeof(float) == 0) {
        data.append(list.at, list.size() / sizeof(float));
        return true;
    }
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (!field.is(1, kLengthDelimited) && !field.is(1, kFixed32)) continue;
        if (field.bytes.size() % sizeof(float)) return false;
        data.append(field.bytes.at, field.bytes.size() / sizeof(float));
    }
    return !fields.malformed();
}

void Int64Values::append_defaults(size_t count) { data.append_zeros(count); }

bool Int64Values::read_list(Span list) {
    if (unwrap_only_field(list, kPackedTag)) return append_packed_varints(list, data);
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (field.is(1, kVarint)) data.push(static_cast<int64_t>(field.varint));
        if (field.is(1, kLengthDelimited) && !append_packed_varints(field.bytes, data)) return false;
    }
    return !fields.malformed();
}

void BytesValues::truncate(size_t count) {
    offsets.truncate(count + 1);
    data.truncate(static_cast<size_t>(offsets[count]));
}

void BytesValues::append_defaults(size_t count) {
    for (size_t i = 0; i < count; ++i) offsets.push(static_cast<int64_t>(data.size()));
}

bool BytesValues::read_list(Span list) {
    MessageReader fields(list);
    Field field;
    while (fields.next(field)) {
        if (!field.is(1, kLengthDelimited)) continue;
        data.append(field.bytes.at, field.bytes.size());
        offsets.push(static_cast<int64_t>(data.size()));
    }
    return !fields.malformed();
}

}  // namespace headrace
