#include "columns/bitmap.hpp"

#include <bit>
#include <cstring>

namespace headrace {

namespace {

void set_bit(uint8_t* bits, int64_t i, bool value) { bits[i / 8] |= static_cast<uint8_t>(value << i % 8); }

}  // namespace

void copy_bits(const uint8_t* from, int64_t start, uint8_t* to, int64_t at, int64_t count) {
    for (; count && at % 8; --count) set_bit(to, at++, get_bit(from, start++));
    const uint8_t* source = from + start / 8;
    uint8_t* target = to + at / 8;
    const int64_t shift = start % 8, bytes = count / 8;
    if (shift == 0) {
        if (bytes) std::memcpy(target, source, static_cast<size_t>(bytes));
    } else {
        for (int64_t i = 0; i < bytes; ++i) target[i] = static_cast<uint8_t>(source[i] >> shift | source[i + 1] << (8 - shift));
    }
    for (int64_t i = bytes * 8; i < count; ++i) set_bit(to, at + i, get_bit(from, start + i));
}

void set_bits(uint8_t* to, int64_t at, int64_t count) {
    for (; count && at % 8; --count) set_bit(to, at++, true);
    if (count / 8) std::memset(to + at / 8, 0xff, static_cast<size_t>(count / 8));
    for (int64_t i = count / 8 * 8; i < count; ++i) set_bit(to, at + i, true);
}

int64_t count_bits(const uint8_t* bits, size_t bytes) {
    int64_t count = 0;
    for (size_t i = 0; i < bytes; ++i) count += std::popcount(bits[i]);
    return count;
}

}  // namespace headrace
