// The orientation that EXIF data states, and pixels turned by it; `headrace.images.orientation` is the definition.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/span.hpp"

namespace headrace {

// Reads the orientation of a JPEG file, 1 to 8; 1 if it is absent or damaged.
int read_jpeg_orientation(Span file);

inline bool is_transposed(int orientation) { return orientation >= 5; }

// Turns pixels [height, width, channels] upright: writes [width, height, channels] if the orientation transposes.
void turn_pixels(const uint8_t* stored, size_t height, size_t width, size_t channels, int orientation, uint8_t* upright);

}  // namespace headrace
