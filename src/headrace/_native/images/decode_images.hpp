// Many image files, decoded into the memory of one batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bytes/buffer.hpp"

namespace headrace {

// Encoded files one after another: file i is data[offsets[i]] to data[offsets[i + 1]].
struct ImageFiles {
    std::span<const int64_t> offsets;
    const uint8_t* data;

    size_t count() const { return offsets.size() - 1; }
};

// The pixels of a batch: [files, height, width, channels], or [files, channels, height, width] with channels first.
struct PixelShape {
    size_t height, width, channels;
    bool has_channels_last;

    size_t size() const { return height * width * channels; }
};

// Decodes files of one size into `pixels`. Returns the numbers of the files that are left out: they have another size or
// format, or are damaged.
Buffer<int64_t> decode_images(const ImageFiles& files, const PixelShape& shape, uint8_t* pixels);

}  // namespace headrace
