// Moves pixels by affine maps from output to input positions, relative to the centres, x to the right, y down.
#pragma once

#include "augment/pixels.hpp"

namespace headrace {

struct AffineMap {
    double xx, xy, xo, yx, yy, yo;
};

struct Fill {
    PixelFill kind;
    const float* values;  // of kConstant, one per channel
};

// Whether the map is a flip and a shift that put pixels on pixels.
bool is_copy(const AffineMap& map, const Shape& shape, const Shape& size);

// Copies pixels by such a map.
void copy_pixels(const uint8_t* in, const Shape& shape, const AffineMap& map, const Fill& fill, uint8_t* out, const Shape& size);
void copy_pixels(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, float* out, const Shape& size);

// Averages blocks of height x width pixels; pixels at the bottom and at the right that do not fill a block are dropped.
void average_blocks(const uint8_t* in, const Shape& shape, size_t height, size_t width, float* out);
void average_blocks(const float* in, const Shape& shape, size_t height, size_t width, float* out);

constexpr size_t kLanes = 4;  // channels that are interpolated together

inline size_t count_groups(size_t channels) { return channels == 1 ? 1 : (channels + kLanes - 1) / kLanes; }

// Values of an image whose channels are interleaved for `resample`.
inline size_t count_interleaved(const Shape& shape) {
    return shape.channels == 1 ? shape.area() : count_groups(shape.channels) * kLanes * shape.area();
}

// Converts planes to groups of interleaved channels.
void interleave(const uint8_t* in, const Shape& shape, float* out);
void interleave(const float* in, const Shape& shape, float* out);

// Resamples interleaved channels bilinearly to planes, clipped and rounded. `row` holds kLanes * size.width values.
void resample(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, ValueRange range, float* row,
              uint8_t* out, const Shape& size);
void resample(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, ValueRange range, float* row,
              float* out, const Shape& size);

}  // namespace headrace
