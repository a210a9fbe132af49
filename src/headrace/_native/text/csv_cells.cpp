#include "text/csv_cells.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace headrace {

namespace {

constexpr uint64_t kExactLimit = uint64_t{1} << 53;

// Arrow's default null values (see pyarrow.csv.ConvertOptions), except for the empty string, and pandas's.
constexpr std::array<std::string_view, 18> kNullWords = {
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A",      "NA",  "NULL",    "NaN",      "None", "n/a",  "nan",    "null",
};
constexpr std::array<std::string_view, 6> kBooleanWords = {"true", "True", "TRUE", "false", "False", "FALSE"};
constexpr size_t kLongestWord = 8;  // bytes, of both

template <size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

std::string_view trim(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool equals_in_any_case(std::string_view text, std::string_view lower) {
    return text.size() == lower.size() &&
           std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

// The number of digits at the front.
size_t count_digits(std::string_view text) {
    size_t count = 0;
    while (count < text.size() && is_digit(static_cast<uint8_t>(text[count]))) ++count;
    return count;
}

uint16_t classify_integer(std::string_view digits, bool minus, bool plus) {
    if (plus || (digits.size() > 1 && digits[0] == '0')) return kPaddedInteger;
    if (digits.size() > 20) return kHugeInteger;
    uint64_t value = 0;
    for (const char digit : digits) {
        const uint64_t next = static_cast<uint64_t>(digit - '0');
        if (value > (UINT64_MAX - next) / 10) return kHugeInteger;
        value = value * 10 + next;
    }
    const uint16_t sign = minus ? kNegativeInteger : 0;
    if (value <= kExactLimit) return sign | kExactInteger;
    const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (minus ? 1 : 0);
    if (value <= limit) return sign | kLongInteger;
    return minus ? kHugeInteger : kUnsignedInteger;
}

// Whether a decimal number rounds to infinity: its digits without the point, of which `whole` are before it.
bool is_beyond_float64(std::string_view whole, std::string_view fraction, int64_t exponent) {
    // Half a unit above the largest float64; a number with these leading digits is taken to be beyond it.
    constexpr std::string_view kLimit = "1797693134862315807";
    constexpr int64_t kLimitExponent = 308;
    const auto digit = [&](size_t i) { return i < whole.size() ? whole[i] : fraction[i - whole.size()]; };
    const size_t size = whole.size() + fraction.size();
    size_t first = 0;
    while (first < size && digit(first) == '0') ++first;
    if (first == size) return false;
    const int64_t magnitude = static_cast<int64_t>(whole.size()) - static_cast<int64_t>(first) - 1 + exponent;
    if (magnitude != kLimitExponent) return magnitude > kLimitExponent;
    for (size_t i = 0; i < kLimit.size(); ++i) {
        const char found = first + i < size ? digit(first + i) : '0';
        if (found != kLimit[i]) return found > kLimit[i];
    }
    for (size_t i = first + kLimit.size(); i < size; ++i)
        if (digit(i) >= '8') return true;  // 1.7976931348623158079...e308 is the boundary
    return false;
}

// A number with a point or an exponent, without its sign; `whole` counts the digits at its front.
uint16_t classify_float(std::string_view text, size_t whole, bool padded) {
    size_t at = whole, fraction = 0;
    if (at < text.size() && text[at] == '.') {
        fraction = count_digits(text.substr(++at));
        at += fraction;
    }
    if (whole + fraction == 0) return kTextCell;
    const std::string_view before = text.substr(0, whole), after = text.substr(at - fraction, fraction);
    int64_t exponent = 0;
    if (at < text.size() && (text[at] | 0x20) == 'e') {
        ++at;
        const bool minus = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        const size_t digits = count_digits(text.substr(at));
        if (!digits) return kTextCell;
        for (size_t i = 0; i < digits; ++i) exponent = std::min<int64_t>(exponent * 10 + (text[at + i] - '0'), 1 << 30);
        at += digits;
        if (minus) exponent = -exponent;
    }
    if (at != text.size() || padded) return kTextCell;
    return is_beyond_float64(before, after, exponent) ? kHugeFloat : kFloatCell;
}

uint16_t classify_number(std::string_view text) {
    const bool minus = text[0] == '-', plus = text[0] == '+';
    if (minus || plus) text.remove_prefix(1);
    if (text.empty()) return kTextCell;
    const size_t whole = count_digits(text);
    if (whole == text.size()) return classify_integer(text, minus, plus);
    if (whole || text[0] == '.') return classify_float(text, whole, whole > 1 && text[0] == '0');
    const bool is_word =
        equals_in_any_case(text, "inf") || equals_in_any_case(text, "infinity") || equals_in_any_case(text, "nan");
    return is_word ? kFloatCell : kTextCell;
}

}  // namespace

uint16_t classify_cell(Span cell) {
    const std::string_view text = trim(cell.text());
    if (text.empty()) return kMissingCell;
    // No word starts with a digit other than 1.
    const uint8_t first = static_cast<uint8_t>(text[0]);
    if (text.size() <= kLongestWord && (!is_digit(first) || first == '1')) {
        if (is_one_of(text, kNullWords)) return kMissingCell;
        if (is_one_of(cell.text(), kBooleanWords)) return kBooleanCell;
    }
    return classify_number(text);
}

}  // namespace headrace
