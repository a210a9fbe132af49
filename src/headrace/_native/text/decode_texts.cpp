#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "bytes/utf8.hpp"
#include "text/text.hpp"

namespace headrace {

namespace {

constexpr uint8_t kByteOrderMark[] = {0xEF, 0xBB, 0xBF};

Span string_at(const Strings& strings, size_t i) {
    return {strings.data + strings.offsets[i], strings.data + strings.offsets[i + 1]};
}

bool has_byte_order_mark(Span text) {
    return text.size() >= sizeof kByteOrderMark && !std::memcmp(text.at, kByteOrderMark, sizeof kByteOrderMark);
}

void append_latin1(Span text, Buffer<uint8_t>& to) {
    const auto wide = static_cast<size_t>(std::count_if(text.at, text.end, [](uint8_t byte) { return byte >= 0x80; }));
    uint8_t* out = to.extend(text.size() + wide);
    for (const uint8_t* at = text.at; at != text.end; ++at) {
        if (*at < 0x80) {
            *out++ = *at;
        } else {
            *out++ = static_cast<uint8_t>(0xC0 | *at >> 6);
            *out++ = static_cast<uint8_t>(0x80 | (*at & 0x3F));
        }
    }
}

}  // namespace

bool are_plain_utf8(const Strings& strings) {
    for (size_t i = 0; i < strings.count; ++i) {
        const Span text = string_at(strings, i);
        if (has_byte_order_mark(text) || !is_utf8(text)) return false;
    }
    return true;
}

OwnedStrings decode_texts(const Strings& strings) {
    OwnedStrings decoded;
    decoded.offsets.reserve(strings.count + 1);
    decoded.offsets.push(0);
    for (size_t i = 0; i < strings.count; ++i) {
        Span text = string_at(strings, i);
        if (is_utf8(text)) {
            if (has_byte_order_mark(text)) text.at += sizeof kByteOrderMark;
            decoded.data.append(text.at, text.size());
        } else {
            append_latin1(text, decoded.data);
        }
        if (decoded.data.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
            throw std::length_error("the decoded texts exceed 2 GiB");
        decoded.offsets.push(static_cast<int32_t>(decoded.data.size()));
    }
    return decoded;
}

}  // namespace headrace
