#include "images/image_file.hpp"

#include <string_view>
#include <utility>

#include "images/orientation.hpp"

namespace headrace {

namespace {

constexpr std::string_view kJpeg("\xFF\xD8\xFF");

uint8_t* resize(Buffer<uint8_t>& buffer, size_t size) {
    buffer.truncate(0);
    return buffer.extend(size);
}

}  // namespace

bool ImageFile::open(Span file) {
    is_png_ = !file.text().starts_with(kJpeg);
    if (!(is_png_ ? png_.open(file) : jpeg_.open(file))) return false;
    orientation_ = is_png_ ? 1 : read_jpeg_orientation(file);
    set_size();
    return true;
}

void ImageFile::set_size() {
    height_ = is_png_ ? png_.height() : jpeg_.height();
    width_ = is_png_ ? png_.width() : jpeg_.width();
    if (is_transposed(orientation_)) std::swap(height_, width_);
}

void ImageFile::shrink(unsigned divisor) {
    if (!is_png_) jpeg_.shrink(divisor);
    set_size();
}

bool ImageFile::decode(uint8_t* pixels, size_t channels) {
    if (is_png_) return png_.decode(pixels, channels);
    if (orientation_ == 1) return jpeg_.decode(pixels, channels);
    uint8_t* stored = resize(stored_, height_ * width_ * channels);
    if (!jpeg_.decode(stored, channels)) return false;
    turn_pixels(stored, jpeg_.height(), jpeg_.width(), channels, orientation_, pixels);
    return true;
}

const uint8_t* ImageFile::decode(size_t channels) {
    uint8_t* pixels = resize(upright_, height_ * width_ * channels);
    return decode(pixels, channels) ? pixels : nullptr;
}

}  // namespace headrace
