// The wire format of protocol buffers (protobuf.dev/programming-guides/encoding), read from untrusted bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include "bytes/span.hpp"

namespace headrace {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kGroup = 3, kGroupEnd = 4, kFixed32 = 5 };

inline bool read_long_varint(Span& from, uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70 && from.at < from.end; shift += 7) {
        const uint8_t byte = *from.at++;
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

// Reads a varint off the front. Returns false if it is truncated or longer than ten bytes.
[[gnu::always_inline]] inline bool read_varint(Span& from, uint64_t& value) {
    if (from.size() && from.at[0] < 0x80) {
        value = *from.at++;
        return true;
    }
    if (from.size() >= 2 && from.at[1] < 0x80) {
        value = (from.at[0] & 0x7fu) | static_cast<uint64_t>(from.at[1]) << 7;
        from.at += 2;
        return true;
    }
    return read_long_varint(from, value);
}

// If `message` consists of a single length-delimited field with this one-byte tag and a one-byte length, narrows it to
// the field's contents. Most small messages have this form, and two bytes suffice to recognise it.
inline bool unwrap_only_field(Span& message, uint8_t tag) {
    const size_t size = message.size();
    if (size < 2 || size >= 0x82 || message.at[0] != tag || message.at[1] != size - 2) return false;
    message.at += 2;
    return true;
}

struct Field {
    uint32_t number = 0;
    uint32_t type = 0;
    uint64_t varint = 0;  // for kVarint
    Span bytes;           // for kLengthDelimited, kFixed32, kFixed64

    bool is(uint32_t expected_number, uint32_t expected_type) const {
        return number == expected_number && type == expected_type;
    }
};

// Iterates over the fields of one message. Once `next` returns false, `malformed` says whether parsing failed.
class MessageReader {
public:
    explicit MessageReader(Span message) : left_(message) {}

    bool next(Field& field) {
        if (left_.at == left_.end) return false;
        if (read_short_field(field) || read_field(field)) return true;
        malformed_ = true;
        return false;
    }

    bool malformed() const { return malformed_; }

private:
    // The common case: a length-delimited field with a one-byte tag and a one-byte length.
    bool read_short_field(Field& field) {
        if (left_.size() < 2) return false;
        const uint8_t tag = left_.at[0], length = left_.at[1];
        if ((tag & 0x87) != kLengthDelimited || tag < 1 << 3 || length >= 0x80 || length > left_.size() - 2)
            return false;
        field.number = tag >> 3;
        field.type = kLengthDelimited;
        field.bytes = {left_.at + 2, left_.at + 2 + length};
        left_.at += 2 + length;
        return true;
    }

    bool read_tag(Field& field) {
        uint64_t tag;
        if (!read_varint(left_, tag) || tag > 0xffffffffu) return false;
        field.number = static_cast<uint32_t>(tag >> 3);
        field.type = static_cast<uint32_t>(tag & 7);
        return field.number != 0;
    }

    bool read_bytes(uint64_t length, Span& bytes) {
        if (length > left_.size()) return false;
        bytes = {left_.at, left_.at + length};
        left_.at += length;
        return true;
    }

    bool read_value(Field& field) {
        uint64_t length;
        switch (field.type) {
            case kVarint: return read_varint(left_, field.varint);
            case kFixed64: return read_bytes(8, field.bytes);
            case kFixed32: return read_bytes(4, field.bytes);
            case kLengthDelimited: return read_varint(left_, length) && read_bytes(length, field.bytes);
            default: return false;
        }
    }

    bool read_field(Field& field) {
        if (!read_tag(field)) return false;
        return field.type == kGroup ? skip_group(field.number, kMaxGroupDepth) : read_value(field);
    }

    // Groups are deprecated, but an unknown field may be one.
    bool skip_group(uint32_t number, int depth) {
        Field inner;
        while (depth > 0 && read_tag(inner)) {
            if (inner.type == kGroupEnd) return inner.number == number;
            if (!(inner.type == kGroup ? skip_group(inner.number, depth - 1) : read_value(inner))) return false;
        }
        return false;
    }

    static constexpr int kMaxGroupDepth = 90;

    Span left_;
    bool malformed_ = false;
};

}  // namespace headrace
