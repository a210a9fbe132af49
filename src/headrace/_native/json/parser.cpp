#include "json/parser.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "bytes/little_endian.hpp"

namespace headrace {

namespace {

bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

// Whether `at` is at a digit; moves behind all digits.
bool skip_digits(Span& text) {
    const uint8_t* start = text.at;
    while (text.at < text.end && is_digit(*text.at)) ++text.at;
    return text.at > start;
}

JsonFault at_fault(const Span& text) { return text.at == text.end ? JsonFault::kEnd : JsonFault::kSyntax; }

bool skip_word(Span& text, std::string_view word) {
    if (text.text().substr(0, word.size()) != word) return false;
    text.at += word.size();
    return true;
}

// Sets the kind and the magnitude of an integer of these digits.
void set_integer(JsonNumber& number, const uint8_t* digit, const uint8_t* end) {
    uint64_t value = 0;
    bool fits = true;
    for (; digit < end; ++digit) {
        const uint64_t next = *digit - '0';
        fits = fits && value <= (std::numeric_limits<uint64_t>::max() - next) / 10;
        if (!fits) break;
        value = value * 10 + next;
    }
    constexpr uint64_t kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    const uint64_t most = number.negative ? kMost + 1 : kMost;
    number.magnitude = value;
    number.kind = !fits || (number.negative && value > most) ? JsonNumber::kLarge
                  : value > most                             ? JsonNumber::kUint64
                                                             : JsonNumber::kInt64;
}

// Whether a number outside the range of its type is large; it is else tiny.
bool is_large(std::string_view text) {
    int64_t exponent = 0, digits = 0;
    size_t i = text[0] == '-';
    bool seen = false, point = false;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        seen = seen || text[i] != '0';
        if (seen && !point) ++digits;
        if (!seen && point) --digits;
    }
    if (i < text.size()) {
        ++i;
        const bool negative = text[i] == '-';
        if (text[i] == '-' || text[i] == '+') ++i;
        for (; i < text.size() && exponent < 1'000'000'000; ++i) exponent = exponent * 10 + (text[i] - '0');
        if (negative) exponent = -exponent;
    }
    return seen && digits + exponent > 0;
}

template <typename T>
bool parse_float(const JsonNumber& number, T& value) {
    if (number.special) {
        value = number.special == 1 ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::infinity();
        if (number.negative) value = -value;
        return true;
    }
    const char* end = number.text.data() + number.text.size();
#if defined(__cpp_lib_to_chars)
    const auto result = std::from_chars(number.text.data(), end, value);
    const bool out_of_range = result.ec == std::errc::result_out_of_range;
#else
    const std::string copy(number.text.data(), end);
    value = static_cast<T>(sizeof(T) == sizeof(float) ? std::strtof(copy.c_str(), nullptr) : std::strtod(copy.c_str(), nullptr));
    const bool out_of_range = std::isinf(value);
#endif
    if (!out_of_range) return true;
    if (is_large(number.text)) return false;
    value = number.negative ? -T{0} : T{0};
    return true;
}

int hex_digit(uint8_t byte) {
    if (is_digit(byte)) return byte - '0';
    const int letter = (byte | 0x20) - 'a';
    return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

// The four hexadecimal digits at `at`, or -1.
int hex_unit(const uint8_t* at, const uint8_t* end) {
    if (end - at < 4) return -1;
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

bool is_high(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Moves behind an escape; `at` is behind the backslash.
JsonFault scan_escape(Span& text) {
    if (text.at == text.end) return JsonFault::kEnd;
    const uint8_t kind = *text.at;
    if (kind != 'u') {
        if (std::string_view("\"\\/bfnrt").find(static_cast<char>(kind)) == std::string_view::npos) return JsonFault::kEscape;
        ++text.at;
        return JsonFault::kNone;
    }
    const int unit = hex_unit(text.at + 1, text.end);
    if (unit < 0) return JsonFault::kEscape;
    if (is_low(unit)) return JsonFault::kSurrogate;
    text.at += 5;
    if (!is_high(unit)) return JsonFault::kNone;
    const bool paired = text.size() >= 6 && text.at[0] == '\\' && text.at[1] == 'u' && is_low(hex_unit(text.at + 2, text.end));
    if (!paired) return JsonFault::kSurrogate;
    text.at += 6;
    return JsonFault::kNone;
}

void append_utf8(uint32_t point, Buffer<uint8_t>& out) {
    const auto tail = [&](int shift) { out.push(static_cast<uint8_t>(0x80 | (point >> shift & 0x3f))); };
    if (point < 0x80) {
        out.push(static_cast<uint8_t>(point));
    } else if (point < 0x800) {
        out.push(static_cast<uint8_t>(0xc0 | point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        out.push(static_cast<uint8_t>(0xe0 | point >> 12));
        tail(6);
        tail(0);
    } else {
        out.push(static_cast<uint8_t>(0xf0 | point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

uint8_t plain_escape(uint8_t kind) {
    switch (kind) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return kind;
    }
}

// Whether one of eight bytes is a quote, a backslash or a control character.
bool has_special(uint64_t bytes) {
    constexpr uint64_t kOnes = 0x0101010101010101u, kHighs = 0x8080808080808080u;
    const auto has_zero = [](uint64_t x) { return (x - kOnes) & ~x & kHighs; };
    const uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes & kHighs;
    return has_zero(bytes ^ (kOnes * '"')) || has_zero(bytes ^ (kOnes * '\\')) || below_space;
}

}  // namespace

bool to_float(const JsonNumber& number, double& value) { return parse_float(number, value); }
bool to_float(const JsonNumber& number, float& value) { return parse_float(number, value); }

JsonFault scan_number(Span& text, JsonNumber& number) {
    const uint8_t* start = text.at;
    const auto finish = [&](JsonNumber::Kind kind) {
        number.kind = kind;
        number.text = Span{start, text.at}.text();
        return JsonFault::kNone;
    };
    number.special = 0;
    if (skip_word(text, "NaN")) {
        number.negative = false;
        number.special = 1;
        return finish(JsonNumber::kFloat);
    }
    number.negative = text.at < text.end && *text.at == '-';
    if (number.negative) ++text.at;
    if (skip_word(text, "Infinity")) {
        number.special = 2;
        return finish(JsonNumber::kFloat);
    }
    const uint8_t* digits = text.at;
    if (!skip_digits(text)) return at_fault(text);
    if (*digits == '0' && text.at > digits + 1) {
        text.at = digits + 1;
        return JsonFault::kSyntax;
    }
    const uint8_t* end = text.at;
    bool integer = true;
    if (text.at < text.end && *text.at == '.') {
        integer = false;
        ++text.at;
        if (!skip_digits(text)) return at_fault(text);
    }
    if (text.at < text.end && (*text.at == 'e' || *text.at == 'E')) {
        integer = false;
        ++text.at;
        if (text.at < text.end && (*text.at == '+' || *text.at == '-')) ++text.at;
        if (!skip_digits(text)) return at_fault(text);
    }
    if (!integer) return finish(JsonNumber::kFloat);
    set_integer(number, digits, end);
    return finish(number.kind);
}

JsonFault scan_string(Span& text, JsonString& string) {
    const uint8_t* start = text.at;
    string.escaped = false;
    for (;;) {
        while (text.size() >= 8 && !has_special(load_le64(text.at))) text.at += 8;
        if (text.at == text.end) return JsonFault::kEnd;
        const uint8_t byte = *text.at;
        if (byte == '"') {
            string.text = Span{start, text.at}.text();
            ++text.at;
            return JsonFault::kNone;
        }
        if (byte < 0x20) return JsonFault::kControl;
        ++text.at;
        if (byte != '\\') continue;
        string.escaped = true;
        if (const JsonFault fault = scan_escape(text); fault != JsonFault::kNone) return fault;
    }
}

void unescape(std::string_view given, Buffer<uint8_t>& out) {
    const auto* at = reinterpret_cast<const uint8_t*>(given.data());
    const uint8_t* end = at + given.size();
    while (at < end) {
        const void* found = std::memchr(at, '\\', static_cast<size_t>(end - at));
        const uint8_t* stop = found ? static_cast<const uint8_t*>(found) : end;
        out.append(at, static_cast<size_t>(stop - at));
        at = stop;
        if (at == end) return;
        if (at[1] != 'u') {
            out.push(plain_escape(at[1]));
            at += 2;
            continue;
        }
        auto point = static_cast<uint32_t>(hex_unit(at + 2, end));
        at += 6;
        if (is_high(static_cast<int>(point))) {
            point = 0x10000 + ((point - 0xd800) << 10) + static_cast<uint32_t>(hex_unit(at + 2, end) - 0xdc00);
            at += 6;
        }
        append_utf8(point, out);
    }
}

}  // namespace headrace
