#include "images/planes.hpp"

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

HEADRACE_TARGET_CLONES
void split_rgb(const uint8_t* pixels, size_t count, uint8_t* __restrict red, uint8_t* __restrict green,
               uint8_t* __restrict blue) {
    for (size_t i = 0; i < count; ++i) {
        red[i] = pixels[3 * i];
        green[i] = pixels[3 * i + 1];
        blue[i] = pixels[3 * i + 2];
    }
}

}  // namespace

void split_channels(const uint8_t* pixels, size_t count, size_t channels, uint8_t* planes) {
    if (channels == 3) return split_rgb(pixels, count, planes, planes + count, planes + 2 * count);
    for (size_t channel = 0; channel < channels; ++channel)
        for (size_t i = 0; i < count; ++i) *planes++ = pixels[i * channels + channel];
}

}  // namespace headrace
