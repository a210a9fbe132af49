// Resampling of decoded images, and arithmetic steps on the result, line by line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "images/taps.hpp"

namespace headrace {

enum class PixelStep : uint8_t { kAdd, kSubtract, kMultiply, kDivide };

// An arithmetic step on float pixels, with a constant per channel.
struct ChannelStep {
    PixelStep step;
    float constants[3];
};

// A part of red-green-blue pixels [height, width, 3] whose lines are `stride` bytes apart.
struct PixelView {
    const uint8_t* data;
    size_t height, width, stride;
};

class Resampler {
public:
    static constexpr size_t kLargestSide = 1 << 16;

    Resampler(size_t height, size_t width, Resampling method) : height_(height), width_(width), method_(method) {}

    // Writes float pixels, [3, height, width], or [height, width, 3] with channels last. Resamples lines first, then columns,
    // and applies the steps. Returns false for an image that needs too much memory.
    bool resample(const PixelView& image, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels);

private:
    void prepare(const PixelView& image);
    void resample_line(const uint8_t* line);
    float* find_line(size_t row) { return lines_.data() + row % kept_lines_ * line_size_; }
    void add_lines(size_t row);
    void apply_steps(const std::vector<ChannelStep>& steps, bool has_channels_last, size_t place, size_t count, float* pixels) const;
    void write_line(size_t row, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels);
    // Does the same for an image of the result's size, without copies of its lines.
    void convert(const PixelView& image, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels) const;

    size_t height_, width_;
    Resampling method_;
    Taps across_, down_;
    size_t line_size_ = 0, kept_lines_ = 0;
    Buffer<float> source_, lines_, total_;
};

}  // namespace headrace
