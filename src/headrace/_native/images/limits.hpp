// The largest images that are decoded; the same as in `headrace.images.limits`.
#pragma once

#include <cstddef>

namespace headrace {

inline constexpr size_t kPixelLimit = size_t{1} << 26;
inline constexpr size_t kMostScans = 16;  // of a progressive JPEG of the largest size; smaller ones may have more

}  // namespace headrace
