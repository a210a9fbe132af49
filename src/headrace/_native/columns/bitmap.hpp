// Bitmaps in Arrow's order: least significant bit first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

inline bool get_bit(const uint8_t* bits, int64_t i) { return bits[i / 8] >> (i % 8) & 1; }

// Copies `count` bits from bit `start` on to bit `at` on of `to`, whose bits must be 0 there.
void copy_bits(const uint8_t* from, int64_t start, uint8_t* to, int64_t at, int64_t count);

// Sets `count` bits from bit `at` on.
void set_bits(uint8_t* to, int64_t at, int64_t count);

int64_t count_bits(const uint8_t* bits, size_t bytes);

}  // namespace headrace
