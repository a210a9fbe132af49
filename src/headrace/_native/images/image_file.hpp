// One image file of any format that the kernels decode.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "bytes/span.hpp"
#include "images/jpeg_image.hpp"
#include "images/png_image.hpp"

namespace headrace {

// Decodes file after file to upright pixels [height, width, channels], and reuses its memory. The values are those of
// `headrace.images.decode_image`; a file for which a method returns false or null needs that decoder.
class ImageFile {
public:
    // Reads the header of a file, which must stay in memory.
    bool open(Span file);

    size_t height() const { return height_; }
    size_t width() const { return width_; }

    // Decodes a JPEG file at 1/`divisor` of its size, 2, 4 or 8; other files keep their size.
    void shrink(unsigned divisor);

    // Decodes into memory for all pixels: 1 channel, gray; 3, red-green-blue; or 4, with alpha.
    bool decode(uint8_t* pixels, size_t channels);

    // Decodes into memory of this object, valid until the next file is opened.
    const uint8_t* decode(size_t channels);

private:
    void set_size();

    JpegImage jpeg_;
    PngImage png_;
    bool is_png_ = false;
    size_t height_ = 0, width_ = 0;
    int orientation_ = 1;
    Buffer<uint8_t> stored_, upright_;
};

}  // namespace headrace
