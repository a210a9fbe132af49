#include "images/decode_images.hpp"

#include "images/image_file.hpp"
#include "images/planes.hpp"

namespace headrace {

namespace {

bool decode_file(ImageFile& file, Span data, const PixelShape& shape, uint8_t* pixels) {
    if (!file.open(data) || file.height() != shape.height || file.width() != shape.width) return false;
    if (shape.has_channels_last || shape.channels == 1) return file.decode(pixels, shape.channels);
    const uint8_t* decoded = file.decode(shape.channels);
    if (!decoded) return false;
    split_channels(decoded, shape.height * shape.width, shape.channels, pixels);
    return true;
}

}  // namespace

Buffer<int64_t> decode_images(const ImageFiles& files, const PixelShape& shape, uint8_t* pixels) {
    ImageFile file;
    Buffer<int64_t> left;
    for (size_t i = 0; i < files.count(); ++i) {
        const Span data{files.data + files.offsets[i], files.data + files.offsets[i + 1]};
        if (!decode_file(file, data, shape, pixels + i * shape.size())) left.push(static_cast<int64_t>(i));
    }
    return left;
}

}  // namespace headrace
