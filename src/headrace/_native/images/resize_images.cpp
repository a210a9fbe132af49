#include "images/resize_images.hpp"

#include <algorithm>

#include "images/image_file.hpp"

namespace headrace {

namespace {

// Returns the largest central part with the sides of a ratio; an odd margin is one pixel wider below and right.
PixelView crop(const PixelView& image, size_t ratio_height, size_t ratio_width) {
    if (!ratio_height) return image;
    const size_t height = std::max<size_t>(std::min(image.height, image.width * ratio_height / ratio_width), 1);
    const size_t width = std::max<size_t>(std::min(image.width, image.height * ratio_width / ratio_height), 1);
    const size_t top = (image.height - height) / 2, left = (image.width - width) / 2;
    return {image.data ? image.data + top * image.stride + 3 * left : nullptr, height, width, image.stride};
}

// Returns the largest of 8, 4, 2 and 1 by which both sides of the part may be divided without falling below the target.
unsigned choose_divisor(const ImageFile& file, const PixelShape& shape, const ResizePlan& plan) {
    const PixelView part = crop({nullptr, file.height(), file.width(), 0}, plan.ratio_height, plan.ratio_width);
    unsigned divisor = 8;
    while (divisor > 1 && (part.height < shape.height * divisor || part.width < shape.width * divisor)) divisor /= 2;
    return divisor;
}

bool resize_file(ImageFile& file, Resampler& resampler, Span data, const PixelShape& shape, const ResizePlan& plan,
                 float* pixels) {
    if (!file.open(data)) return false;
    if (plan.may_shrink) file.shrink(choose_divisor(file, shape, plan));
    const uint8_t* decoded = file.decode(3);
    if (!decoded) return false;
    const PixelView image = crop({decoded, file.height(), file.width(), 3 * file.width()}, plan.ratio_height, plan.ratio_width);
    return resampler.resample(image, plan.steps, shape.has_channels_last, pixels);
}

}  // namespace

Buffer<int64_t> resize_images(const ImageFiles& files, const PixelShape& shape, const ResizePlan& plan, float* pixels) {
    ImageFile file;
    Resampler resampler(shape.height, shape.width, plan.method);
    Buffer<int64_t> left;
    for (size_t i = 0; i < files.count(); ++i) {
        const Span data{files.data + files.offsets[i], files.data + files.offsets[i + 1]};
        if (!resize_file(file, resampler, data, shape, plan, pixels + i * shape.size())) left.push(static_cast<int64_t>(i));
    }
    return left;
}

}  // namespace headrace
