// Writes lists of any length as rows of one length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace {

// Writes the first `length` values of each list, then `fill` up to `length`. `fill` is one value; its size is that of
// the values. List i has the values `splits[i]` to `splits[i + 1]`, which ascend and lie within `values`. `out` has
// room for `length` values of each list.
void pad_lists(const uint8_t* values, std::span<const int64_t> splits, size_t length, std::span<const uint8_t> fill,
               uint8_t* out);

}  // namespace headrace
