#include "text/string_order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "bytes/span.hpp"

namespace headrace {

namespace {

Span string_at(const Strings& strings, size_t i) {
    return {strings.data + strings.offsets[i], strings.data + strings.offsets[i + 1]};
}

size_t common_prefix(Span first, Span second, size_t limit) {
    const size_t size = std::min({first.size(), second.size(), limit});
    return static_cast<size_t>(std::mismatch(first.at, first.at + size, second.at).first - first.at);
}

// Eight bytes from `start` on as a big-endian number, padded with zeros.
uint64_t eight_bytes(Span string, size_t start) {
    uint64_t bytes = 0;
    for (size_t i = start; i < start + sizeof(bytes); ++i)
        bytes = bytes << 8 | (i < string.size() ? string.at[i] : 0);
    return bytes;
}

int compare(Span first, Span second) {
    const size_t size = std::min(first.size(), second.size());
    const int order = size ? std::memcmp(first.at, second.at, size) : 0;
    if (order) return order;
    return (first.size() > second.size()) - (first.size() < second.size());
}

}  // namespace

// Compares the eight bytes after the strings' common prefix first, which decide most comparisons without access to the
// strings.
std::vector<int64_t> argsort_strings(const Strings& strings) {
    struct Entry {
        uint64_t bytes;
        int64_t number;
    };
    size_t common = strings.count ? string_at(strings, 0).size() : 0;
    for (size_t i = 1; i < strings.count && common; ++i)
        common = common_prefix(string_at(strings, 0), string_at(strings, i), common);
    std::vector<Entry> entries(strings.count);
    for (size_t i = 0; i < strings.count; ++i)
        entries[i] = {eight_bytes(string_at(strings, i), common), static_cast<int64_t>(i)};
    std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
        if (a.bytes != b.bytes) return a.bytes < b.bytes;
        const int order =
            compare(string_at(strings, static_cast<size_t>(a.number)), string_at(strings, static_cast<size_t>(b.number)));
        return order ? order < 0 : a.number < b.number;
    });
    std::vector<int64_t> numbers(strings.count);
    std::transform(entries.begin(), entries.end(), numbers.begin(), [](const Entry& entry) { return entry.number; });
    return numbers;
}

}  // namespace headrace
