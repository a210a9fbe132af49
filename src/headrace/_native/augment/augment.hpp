// Augments a batch of images, each independently: pixels move, values change, rectangles are cut out.
#pragma once

#include "augment/colour.hpp"
#include "augment/move.hpp"

namespace headrace {

struct Hole {
    int64_t top, bottom, left, right;
};

struct Augmentation {
    size_t count;
    Shape shape, size;              // of the images and of the results
    const AffineMap* maps;          // one per image, or null
    Fill fill;
    size_t block_height, block_width;  // pixels that are averaged before resampling
    const uint8_t* ops;             // [steps, count]
    const float* values;            // [steps, count, width]
    size_t steps, width;
    float unit;
    ValueRange range;
    const Hole* holes;              // [hole_count, count]
    const float* hole_values;       // [hole_count, channels]
    size_t hole_count;
};

// Every image is computed by one thread, so results do not depend on the number of threads.
void augment(const Augmentation& augmentation, const uint8_t* images, size_t threads, uint8_t* out);
void augment(const Augmentation& augmentation, const float* images, size_t threads, float* out);

}  // namespace headrace
