// A strict parser of JSON (RFC 8259) that passes values to a sink. It also takes NaN, Infinity and -Infinity, which
// Python's json module writes.
//
// A sink has a type `Node`, the place of a value in the schema, and these functions, which return the fault they find:
//     bool takes_text(Node&)                          whether values that are not strings are passed as they are written
//     JsonFault on_null(Node&)
//     JsonFault on_bool(Node&, bool)
//     JsonFault on_number(Node&, const JsonNumber&)
//     JsonFault on_string(Node&, const JsonString&)
//     JsonFault begin_object(Node&), end_object(Node&)
//     JsonFault find_member(Node&, std::string_view, Node*&)   sets null for a member to skip
//     JsonFault begin_list(Node&), end_list(Node&, int64_t)
//     JsonFault find_item(Node&, Node*&)
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "bytes/buffer.hpp"
#include "bytes/little_endian.hpp"
#include "bytes/span.hpp"

namespace headrace {

enum class JsonFault : int {
    kNone = 0,
    kSyntax = 1,     // a character that JSON does not allow there
    kEnd = 2,        // the line ends within a value
    kDepth = 3,      // nested too deep
    kUtf8 = 4,       // not UTF-8
    kControl = 5,    // a control character in a string
    kEscape = 6,     // an escape that JSON does not have
    kSurrogate = 7,  // half of a surrogate pair
    kTrailing = 8,   // text after the object
    kObject = 9,     // a line that is not an object
    kRepeated = 10,  // a key that occurs twice in its object
    kType = 11,      // a value of another type than the schema's
    kRange = 12,     // an integer outside the range of its column
    kFloat = 13,     // a number beyond the range of its column's floats
    kBase64 = 14,    // not base64
    kLength = 15,    // a list of another length than the schema's
    kNames = 16,     // too many keys
    kOverflow = 17,  // more values or bytes than 32-bit offsets can address
    kUnknown = 18,   // a key that the schema does not have
};

// A number as it is written.
struct JsonNumber {
    enum Kind { kInt64, kUint64, kLarge, kFloat };  // kLarge: an integer beyond uint64 or int64

    std::string_view text;
    Kind kind;
    bool negative;
    uint64_t magnitude;  // of kInt64 and kUint64
    int special = 0;     // 1 for NaN, 2 for infinity

    int64_t to_int64() const { return static_cast<int64_t>(negative ? 0 - magnitude : magnitude); }
};

// Parses a number as the nearest float. Returns false if it is beyond the largest.
bool to_float(const JsonNumber& number, double& value);
bool to_float(const JsonNumber& number, float& value);

// A string as it is written, without the quotes; its escapes are valid.
struct JsonString {
    std::string_view text;
    bool escaped;
};

// Appends the characters of a string with escapes.
void unescape(std::string_view text, Buffer<uint8_t>& out);

// Moves `at` behind a number, NaN and infinities included. Returns kNone, kSyntax or kEnd.
JsonFault scan_number(Span& text, JsonNumber& number);

// Reads up to seven digits at once, since a loop over a few digits is mispredicted for each number. Moves `at` behind
// them, and returns their value; returns 0, and moves nothing, where eight digits or none are followed by anything.
inline uint64_t read_short_digits(const uint8_t*& at) {
    constexpr uint64_t kOnes = 0x0101010101010101u;
    uint64_t digits = load_le64(at) ^ (kOnes * '0');
    const uint64_t others = ((digits + kOnes * (0x80 - 10)) | digits) & (kOnes * 0x80);  // right up to the first
    const int count = others ? std::countr_zero(others) / 8 : 0;
    if (!count) return 0;
    digits <<= 64 - 8 * count;  // zeros before the first digit, which is in the lowest byte
    digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffu;
    digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffu;
    at += count;
    return (digits * 10'000 + (digits >> 32)) & 0xffffffffu;
}

// Moves `at` behind an integer of at most 18 digits; returns false, and moves nothing, for any other text.
inline bool scan_short_integer(Span& text, JsonNumber& number) {
    constexpr ptrdiff_t kMost = std::numeric_limits<int64_t>::digits10;
    const uint8_t* at = text.at;
    number.negative = at < text.end && *at == '-';
    const uint8_t* digits = at += number.negative;
    uint64_t value = text.end - at >= 8 ? read_short_digits(at) : 0;
    if (at == digits)  // of more digits than 64 bits hold, it is not used
        for (; at < text.end && static_cast<uint8_t>(*at - '0') < 10; ++at) value = value * 10 + (*at - '0');
    if (at == digits || at - digits > kMost || (*digits == '0' && at - digits > 1)) return false;
    if (at < text.end && (*at == '.' || *at == 'e' || *at == 'E')) return false;
    number.text = Span{text.at, at}.text();
    number.kind = JsonNumber::kInt64;
    number.magnitude = value;
    text.at = at;
    return true;
}

// Moves `at`, which is behind the opening quote, behind the closing one.
JsonFault scan_string(Span& text, JsonString& string);

inline constexpr int kMaxDepth = 64;           // of values that are kept, as in Arrow's own format
inline constexpr int kMaxSkippedDepth = 1024;  // of values that are skipped

// Where a value is wrong.
template <typename Node>
struct JsonFailure {
    JsonFault fault = JsonFault::kNone;
    const uint8_t* at = nullptr;   // the character, or the first one of the value
    const uint8_t* end = nullptr;  // of the value
    const Node* node = nullptr;
    std::string key;  // of kRepeated and kNames
};

template <typename Sink>
class JsonParser {
public:
    using Node = typename Sink::Node;

    explicit JsonParser(Sink& sink) : sink_(sink) {}

    // Parses a line that holds one object, a value of `root`.
    bool parse(Span line, Node& root) {
        text_ = line;
        skip_space();
        if (text_.at == text_.end || *text_.at != '{') return fail(JsonFault::kObject, text_.at, &root);
        if (!parse_object(&root, 1)) return false;
        skip_space();
        return text_.at == text_.end || fail(JsonFault::kTrailing, text_.at, &root);
    }

    const JsonFailure<Node>& failure() const { return failure_; }

private:
    bool parse_value(Node* node, int depth) {
        skip_space();
        if (text_.at == text_.end) return fail(JsonFault::kEnd, text_.at, node);
        const uint8_t first = *text_.at;
        if (node && first != '"' && first != 'n' && sink_.takes_text(*node)) return parse_text(*node, depth);
        switch (first) {
            case '{': return parse_object(node, depth + 1);
            case '[': return parse_list(node, depth + 1);
            case '"': return parse_string(node);
            case 't': return parse_word("true", node, [&] { return sink_.on_bool(*node, true); });
            case 'f': return parse_word("false", node, [&] { return sink_.on_bool(*node, false); });
            case 'n': return parse_word("null", node, [&] { return sink_.on_null(*node); });
            default: return parse_number(node);
        }
    }

    bool parse_text(Node& node, int depth) {
        const uint8_t* start = text_.at;
        if (!parse_value(nullptr, depth)) return false;
        return check(sink_.on_string(node, {Span{start, text_.at}.text(), false}), start, &node);
    }

    bool parse_object(Node* node, int depth) {
        const uint8_t* start = text_.at++;
        if (depth > limit(node)) return fail(JsonFault::kDepth, start, node);
        if (node && !check(sink_.begin_object(*node), start, node)) return false;
        skip_space();
        if (text_.at < text_.end && *text_.at == '}') {
            ++text_.at;
        } else {
            do {
                if (!parse_member(node, depth)) return false;
            } while (is_continued());
            if (!expect('}', node)) return false;
        }
        return !node || check(sink_.end_object(*node), start, node);
    }

    bool parse_member(Node* node, int depth) {
        skip_space();
        const uint8_t* start = text_.at;
        if (!expect('"', node)) return false;
        JsonString key;
        if (const JsonFault fault = scan_string(text_, key); fault != JsonFault::kNone) return fail(fault, text_.at, node);
        Node* member = nullptr;
        if (node) {
            std::string_view name = key.text;
            if (key.escaped) {
                key_.truncate(0);
                unescape(key.text, key_);
                name = {reinterpret_cast<const char*>(key_.data()), key_.size()};
            }
            const JsonFault fault = sink_.find_member(*node, name, member);
            if (fault != JsonFault::kNone) {
                failure_.key = name;
                return fail(fault, start, node);
            }
        }
        skip_space();
        return expect(':', node) && parse_value(member, depth);
    }

    bool parse_list(Node* node, int depth) {
        const uint8_t* start = text_.at++;
        if (depth > limit(node)) return fail(JsonFault::kDepth, start, node);
        if (node && !check(sink_.begin_list(*node), start, node)) return false;
        int64_t count = 0;
        skip_space();
        if (text_.at < text_.end && *text_.at == ']') {
            ++text_.at;
        } else {
            do {
                Node* item = nullptr;
                if (node && !check(sink_.find_item(*node, item), start, node)) return false;
                if (!parse_value(item, depth)) return false;
                ++count;
            } while (is_continued());
            if (!expect(']', node)) return false;
        }
        return !node || check(sink_.end_list(*node, count), start, node);
    }

    bool parse_string(Node* node) {
        const uint8_t* start = text_.at++;
        JsonString string;
        if (const JsonFault fault = scan_string(text_, string); fault != JsonFault::kNone) return fail(fault, text_.at, node);
        return !node || check(sink_.on_string(*node, string), start, node);
    }

    bool parse_number(Node* node) {
        const uint8_t* start = text_.at;
        JsonNumber number;
        if (!scan_short_integer(text_, number)) {
            const JsonFault fault = scan_number(text_, number);
            if (fault != JsonFault::kNone) return fail(fault, text_.at, node);
        }
        return !node || check(sink_.on_number(*node, number), start, node);
    }

    template <typename Call>
    bool parse_word(std::string_view word, Node* node, Call&& call) {
        const uint8_t* start = text_.at;
        if (text_.text().substr(0, word.size()) != word) return fail(JsonFault::kSyntax, start, node);
        text_.at += word.size();
        return !node || check(call(), start, node);
    }

    static int limit(const Node* node) { return node ? kMaxDepth : kMaxSkippedDepth; }

    void skip_space() {
        while (text_.at < text_.end && (*text_.at == ' ' || *text_.at == '\t' || *text_.at == '\r' || *text_.at == '\n'))
            ++text_.at;
    }

    // Whether a comma follows, which is skipped.
    bool is_continued() {
        skip_space();
        const bool comma = text_.at < text_.end && *text_.at == ',';
        if (comma) ++text_.at;
        return comma;
    }

    bool expect(uint8_t character, Node* node) {
        if (text_.at == text_.end) return fail(JsonFault::kEnd, text_.at, node);
        if (*text_.at != character) return fail(JsonFault::kSyntax, text_.at, node);
        ++text_.at;
        return true;
    }

    bool check(JsonFault fault, const uint8_t* start, const Node* node) {
        return fault == JsonFault::kNone || fail(fault, start, node);
    }

    bool fail(JsonFault fault, const uint8_t* at, const Node* node) {
        failure_.fault = fault;
        failure_.at = at;
        failure_.end = text_.at > at ? text_.at : text_.end;
        failure_.node = node;
        return false;
    }

    Sink& sink_;
    Span text_;
    Buffer<uint8_t> key_;
    JsonFailure<Node> failure_;
};

// The next line, without its line break; `text` then starts behind it.
inline Span take_line(Span& text) {
    const void* found = text.size() ? std::memchr(text.at, '\n', text.size()) : nullptr;
    const uint8_t* end = found ? static_cast<const uint8_t*>(found) : text.end;
    const Span line{text.at, end};
    text.at = found ? end + 1 : end;
    return line;
}

// Whether a line has nothing but white space.
inline bool is_blank(Span line) {
    for (; line.at < line.end; ++line.at)
        if (*line.at != ' ' && *line.at != '\t' && *line.at != '\r') return false;
    return true;
}

}  // namespace headrace
