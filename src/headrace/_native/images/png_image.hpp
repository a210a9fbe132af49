// One PNG file of 8 bits a sample, without a palette, an orientation or interlacing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "bytes/span.hpp"
#include "images/inflate_library.hpp"

namespace headrace {

// Decodes file after file. A file for which a method returns false is damaged, or needs the decoder in Python.
class PngImage {
public:
    // Reads the header of a file, which must stay in memory.
    bool open(Span file);

    size_t height() const { return height_; }
    size_t width() const { return width_; }

    // Writes pixels [height, width, channels]: 1 of a gray image, 3 of any, 4 of one with red, green, blue and alpha. Alpha
    // is dropped for 3 channels.
    bool decode(uint8_t* pixels, size_t channels);

private:
    bool inflate(uint8_t* lines, size_t size);

    Span chunks_;
    size_t height_ = 0, width_ = 0, stored_channels_ = 0;
    Inflater inflater_;
    Buffer<uint8_t> lines_;
};

}  // namespace headrace
