// The weights of bilinear and nearest resampling; `headrace.transform.ops.images.resize` is the definition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headrace {

enum class Resampling : uint8_t { kNearest, kBilinear, kAntialiased };

// The input pixels of each output pixel along an axis, and their weights.
struct Taps {
    size_t before = 0, after = 0;
    size_t most = 0;  // input pixels of an output pixel
    std::vector<size_t> first, count;  // input pixels first[i] to first[i] + count[i]
    std::vector<float> weights;        // weights[i * most + k] of input pixel first[i] + k

    // Computes the weights as quotients of integers, rounded once.
    void compute(size_t pixels_before, size_t pixels_after, Resampling method);
};

}  // namespace headrace
