// The filters of PNG lines; https://www.w3.org/TR/png-3/, section 9.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Undoes the filters of an image in place.
//
// `lines` holds `height` lines, each the byte of its filter and `width` pixels of `pixel_bytes` bytes, 1 to 4. Returns false
// if a line has an unknown filter.
bool unfilter(uint8_t* lines, size_t height, size_t width, size_t pixel_bytes);

}  // namespace headrace
