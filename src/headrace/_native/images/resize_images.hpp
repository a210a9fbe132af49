// Many image files, decoded, cropped, resized and scaled into the memory of one batch.
#pragma once

#include <vector>

#include "images/decode_images.hpp"
#include "images/resample.hpp"

namespace headrace {

struct ResizePlan {
    Resampling method;
    size_t ratio_height, ratio_width;  // the sides of the central part to resize are as these; 0: the whole image
    bool may_shrink;                   // whether JPEG files are decoded at 1/2, 1/4 or 1/8 where both sides stay large enough
    std::vector<ChannelStep> steps;
};

// Fills float pixels, [files, 3, height, width], or with channels last. Returns the numbers of the files that are left out:
// they are damaged, very large, or of another format.
Buffer<int64_t> resize_images(const ImageFiles& files, const PixelShape& shape, const ResizePlan& plan, float* pixels);

}  // namespace headrace
