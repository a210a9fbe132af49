// Changes of values: a list of operations per image, of which consecutive affine ones are one multiply-add.
#pragma once

#include <vector>

#include "augment/pixels.hpp"
#include "bytes/buffer.hpp"

namespace headrace {

// Each has one parameter, except for kAdd, which has one per channel.
enum class ColourOp : uint8_t {
    kNone,
    kContrast,      // scale the distance from the image's mean
    kAdd,           // add a fraction of full intensity to each channel
    kScale,         // multiply
    kSaturate,      // scale the distance from the pixel's grey
    kHue,           // turn the hue, in degrees
    kBlur,          // Gaussian, of a standard deviation in pixels
    kSharpen,       // scale the distance from a smoothed image
    kPosterize,     // keep the highest bits of 8
    kSolarize,      // invert values from a threshold on, a fraction of full intensity
    kAutoContrast,  // scale each channel to full intensity
    kEqualize,      // flatten each channel's histogram of 256 levels
    kClip,          // to 0 and full intensity
};

constexpr uint8_t kColourOps = 13;

// The operations of one image.
struct ColourSteps {
    const uint8_t* ops;     // op i at ops[i * op_stride]
    const float* values;    // its parameters at values[i * value_stride]
    size_t count, op_stride, value_stride;
    float unit;             // full intensity

    ColourOp op(size_t i) const { return static_cast<ColourOp>(ops[i * op_stride]); }
    const float* parameters(size_t i) const { return values + i * value_stride; }
};

// Memory of one thread.
struct ColourScratch {
    Buffer<float> pixels;      // the image
    std::vector<float> plane;  // a channel, and a row with its borders
    std::vector<float> offsets, means;

    void reserve(const Shape& shape, bool has_steps);
};

// Changes the values of `image`, then clips, rounds and writes them to `out`, which may be `image`.
void change_colours(const float* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, uint8_t* out);
void change_colours(const uint8_t* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, uint8_t* out);
void change_colours(const float* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, float* out);

}  // namespace headrace
