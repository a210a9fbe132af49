#include "json/writer.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "columns/bitmap.hpp"

namespace headrace {

namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kLongestNumber = 40;  // bytes

struct Infinite {};  // thrown, and caught in `write_json`

using Text = Buffer<uint8_t>;

void append(Text& out, std::string_view text) { out.append(text.data(), text.size()); }

// Escapes as Python's `json` does: quotes, backslashes and control characters.
void append_string(Text& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.push('"');
    size_t start = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        append(out, text.substr(start, i - start));
        start = i + 1;
        switch (byte) {
            case '"': append(out, "\\\""); break;
            case '\\': append(out, "\\\\"); break;
            case '\n': append(out, "\\n"); break;
            case '\r': append(out, "\\r"); break;
            case '\t': append(out, "\\t"); break;
            case '\b': append(out, "\\b"); break;
            case '\f': append(out, "\\f"); break;
            default: {
                const char code[] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
                append(out, {code, sizeof code});
            }
        }
    }
    append(out, text.substr(start));
    out.push('"');
}

void append_base64(Text& out, std::string_view bytes) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    append(out, "{\"base64\": \"");
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t count = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? static_cast<uint8_t>(bytes[i + j]) : 0);
        for (size_t j = 0; j < 4; ++j) out.push(j <= count ? static_cast<uint8_t>(kLetters[group >> (18 - 6 * j) & 63]) : '=');
    }
    append(out, "\"}");
}

template <typename T>
void append_integer(Text& out, T value) {
    char text[kLongestNumber];
    const auto [end, error] = std::to_chars(text, text + kLongestNumber, value);
    append(out, {text, static_cast<size_t>(end - text)});
}

// The fewest digits that round-trip, laid out as Arrow casts floats to strings: with an exponent below 1e-6 and from 1e10 on.
template <typename T>
void append_float(Text& out, T value) {
    if (std::isnan(value)) return append(out, "null");
    if (std::isinf(value)) throw Infinite();
    if (std::signbit(value)) out.push('-');
    if (value == 0) return out.push('0');
    char text[kLongestNumber];
    const auto [end, error] = std::to_chars(text, text + kLongestNumber, std::abs(value), std::chars_format::scientific);
    const std::string_view written{text, static_cast<size_t>(end - text)};  // 1.25e-07
    const size_t mark = written.find('e');
    int exponent = 0;
    std::from_chars(text + mark + 2, end, exponent);
    if (written[mark + 1] == '-') exponent = -exponent;
    if (exponent < -6 || exponent >= 10) {
        append(out, written.substr(0, mark + 2));
        return append_integer(out, std::abs(exponent));
    }
    if (mark > 1) std::memmove(text + 1, text + 2, mark - 2);  // the point
    const std::string_view digits{text, mark > 1 ? mark - 1 : 1};
    if (exponent < 0) {
        append(out, std::string_view("0.000000").substr(0, static_cast<size_t>(1 - exponent)));
        return append(out, digits);
    }
    const size_t whole = static_cast<size_t>(exponent) + 1;
    append(out, digits.substr(0, whole));
    if (digits.size() <= whole) return append(out, std::string_view("000000000").substr(0, whole - digits.size()));
    out.push('.');
    append(out, digits.substr(whole));
}

float widen_half(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 1023;
    if (exponent == 0) return std::copysign(std::ldexp(static_cast<float>(mantissa), -24), std::bit_cast<float>(sign | 0x3f800000));
    const uint32_t widened = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | widened << 23 | mantissa << 13);
}

// A column of the tree that an array is.
class Node {
public:
    Node(const ArrowSchema& schema, const ArrowArray& array, int depth) : format_(schema.format), array_(array) {
        if (depth > kMaxDepth) throw std::invalid_argument("an array is nested too deeply");
        if (schema.dictionary) throw std::invalid_argument("dictionaries are not supported");
        if (array.n_buffers > 0 && array.null_count != 0) validity_ = static_cast<const uint8_t*>(array.buffers[0]);
        if (format_.starts_with("+w:")) {
            size_ = parse_size(format_.substr(3));
            format_ = "+w";
        }
        const bool nested = format_ == "+s" || format_ == "+w" || format_ == "+l" || format_ == "+L";
        if (!nested && (format_.size() != 1 || std::string_view("nbcCsSiIlLefguUzZ").find(format_[0]) == std::string_view::npos))
            throw std::invalid_argument("type " + std::string(format_) + " is not supported");
        if (format_ != "+s" && nested && array.n_children != 1) throw std::invalid_argument("expected one child of a list");
        for (int64_t i = 0; nested && i < array.n_children; ++i) {
            children_.emplace_back(*schema.children[i], *array.children[i], depth + 1);
            if (format_ != "+s") continue;
            Text key;
            append(key, i ? ", " : "{");
            append_string(key, schema.children[i]->name);
            append(key, ": ");
            keys_.emplace_back(reinterpret_cast<const char*>(key.data()), key.size());
            names_.emplace_back(schema.children[i]->name);
        }
    }

    int64_t length() const { return array_.length; }

    // Adds the names of the fields in which an infinite value lies, from the innermost on.
    void write(int64_t row, Text& out, std::vector<std::string>& names) const {
        const int64_t i = row + array_.offset;
        if (validity_ && !get_bit(validity_, i)) return append(out, "null");
        switch (format_[0]) {
            case 'n': return append(out, "null");
            case 'b': return append(out, get_bit(values<uint8_t>(), i) ? "true" : "false");
            case 'c': return append_integer(out, values<int8_t>()[i]);
            case 'C': return append_integer(out, values<uint8_t>()[i]);
            case 's': return append_integer(out, values<int16_t>()[i]);
            case 'S': return append_integer(out, values<uint16_t>()[i]);
            case 'i': return append_integer(out, values<int32_t>()[i]);
            case 'I': return append_integer(out, values<uint32_t>()[i]);
            case 'l': return append_integer(out, values<int64_t>()[i]);
            case 'L': return append_integer(out, values<uint64_t>()[i]);
            case 'e': return append_float(out, widen_half(values<uint16_t>()[i]));
            case 'f': return append_float(out, values<float>()[i]);
            case 'g': return append_float(out, values<double>()[i]);
            case 'u': return append_string(out, bytes<int32_t>(i));
            case 'U': return append_string(out, bytes<int64_t>(i));
            case 'z': return append_base64(out, bytes<int32_t>(i));
            case 'Z': return append_base64(out, bytes<int64_t>(i));
            default: return write_nested(i, out, names);
        }
    }

private:
    static int64_t parse_size(std::string_view text) {
        int64_t size = -1;
        std::from_chars(text.data(), text.data() + text.size(), size);
        if (size < 0) throw std::invalid_argument("expected the size of a list");
        return size;
    }

    void write_nested(int64_t i, Text& out, std::vector<std::string>& names) const {
        if (format_ == "+s") return write_struct(i, out, names);
        if (format_ == "+w") return write_list(i * size_, (i + 1) * size_, out, names);
        if (format_ == "+l") return write_list(offset<int32_t>(i), offset<int32_t>(i + 1), out, names);
        write_list(offset<int64_t>(i), offset<int64_t>(i + 1), out, names);
    }

    void write_list(int64_t start, int64_t end, Text& out, std::vector<std::string>& names) const {
        const Node& items = children_[0];
        if (start < 0 || end < start || end > items.length()) throw std::invalid_argument("a list lies outside its items");
        out.push('[');
        for (int64_t i = start; i < end; ++i) {
            if (i > start) append(out, ", ");
            items.write(i, out, names);
        }
        out.push(']');
    }

    void write_struct(int64_t i, Text& out, std::vector<std::string>& names) const {
        if (children_.empty()) out.push('{');
        for (size_t j = 0; j < children_.size(); ++j) {
            append(out, keys_[j]);
            try {
                children_[j].write(i, out, names);
            } catch (const Infinite&) {
                names.push_back(names_[j]);
                throw;
            }
        }
        out.push('}');
    }

    template <typename T>
    const T* values() const {
        return static_cast<const T*>(array_.buffers[1]);
    }

    template <typename T>
    int64_t offset(int64_t i) const {
        return values<T>() ? static_cast<int64_t>(values<T>()[i]) : 0;
    }

    template <typename T>
    std::string_view bytes(int64_t i) const {
        const int64_t start = offset<T>(i), end = offset<T>(i + 1);
        if (start < 0 || end < start || end > offset<T>(array_.offset + array_.length))
            throw std::invalid_argument("a string lies outside the data");
        if (start == end) return {};
        return {static_cast<const char*>(array_.buffers[2]) + start, static_cast<size_t>(end - start)};
    }

    std::string_view format_;
    const ArrowArray& array_;
    const uint8_t* validity_ = nullptr;
    int64_t size_ = 0;  // of a list
    std::vector<Node> children_;
    std::vector<std::string> keys_;  // with the punctuation around them
    std::vector<std::string> names_;
};

}  // namespace

JsonTexts write_json(const ArrowSchema& schema, const ArrowArray& array, std::string_view end) {
    const Node root(schema, array, 0);
    JsonTexts texts;
    int64_t* offsets = texts.offsets.extend(static_cast<size_t>(root.length()) + 1);
    for (int64_t row = 0; row < root.length(); ++row) {
        offsets[row] = static_cast<int64_t>(texts.data.size());
        try {
            root.write(row, texts.data, texts.names);
        } catch (const Infinite&) {
            texts.failed = true;
            texts.names = {texts.names.rbegin(), texts.names.rend()};
            return texts;
        }
        append(texts.data, end);
    }
    offsets[root.length()] = static_cast<int64_t>(texts.data.size());
    return texts;
}

}  // namespace headrace
