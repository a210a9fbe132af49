// Operations on float planes that are not affine.
#pragma once

#include <vector>

#include "augment/pixels.hpp"

namespace headrace {

// Turns the hue of red, green and blue planes, in degrees; maximum and minimum of each pixel are unchanged.
void turn_hue(float* pixels, size_t area, float degrees);

// Convolves each plane with a Gaussian, cut at three deviations; the edge is repeated.
void blur(float* pixels, const Shape& shape, float deviation, std::vector<float>& scratch);

// Scales the distance from a 3x3 average that weighs the middle by 5; the outermost pixels are unchanged.
void sharpen(float* pixels, const Shape& shape, float factor, std::vector<float>& scratch);

// Keeps the highest `bits` of 8 bits per value, rounded down.
void posterize(float* pixels, size_t size, float unit, float bits);

// Inverts values of at least `threshold`.
void solarize(float* pixels, size_t size, float unit, float threshold);

// Scales each plane to the range from 0 to `unit`; planes of one value are unchanged.
void scale_to_range(float* pixels, const Shape& shape, float unit);

// Flattens the histogram of 256 levels of each plane.
void equalize(float* pixels, const Shape& shape, float unit);

}  // namespace headrace
