#include "images/resample.hpp"

#include <algorithm>
#include <cstring>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr size_t kMostLineBytes = size_t{64} << 20;
constexpr size_t kLanes = 4;  // a pixel, and what follows it

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float))));

float* resize(Buffer<float>& buffer, size_t size) {
    buffer.truncate(0);
    return buffer.extend(size);
}

HEADRACE_TARGET_CLONES
void to_floats(const uint8_t* __restrict bytes, size_t count, float* __restrict floats) {
    for (size_t i = 0; i < count; ++i) floats[i] = static_cast<float>(bytes[i]);
}

// Adds the weighted pixels of each output pixel; the fourth lane is the next pixel's, which is written after it.
HEADRACE_TARGET_CLONES
void add_pixels(const float* source, const Taps& taps, float* line) {
    const float* weights = taps.weights.data();
    for (size_t x = 0; x < taps.after; ++x, weights += taps.most, line += 3) {
        const float* pixel = source + 3 * taps.first[x];
        Lanes total = *reinterpret_cast<const Lanes*>(pixel) * weights[0];
        for (size_t k = 1; k < taps.count[x]; ++k) total += *reinterpret_cast<const Lanes*>(pixel + 3 * k) * weights[k];
        *reinterpret_cast<Lanes*>(line) = total;
    }
}

HEADRACE_TARGET_CLONES
void scale(const float* __restrict line, size_t size, float weight, float* __restrict total) {
    for (size_t i = 0; i < size; ++i) total[i] = line[i] * weight;
}

HEADRACE_TARGET_CLONES
void add_scaled(const float* __restrict line, size_t size, float weight, float* __restrict total) {
    for (size_t i = 0; i < size; ++i) total[i] = total[i] + line[i] * weight;
}

// The same for two lines at once, in the same order of sums.
HEADRACE_TARGET_CLONES
void add_two_scaled(const float* __restrict line, const float* __restrict next, size_t size, float weight, float next_weight,
                    float* __restrict total) {
    for (size_t i = 0; i < size; ++i) total[i] = (total[i] + line[i] * weight) + next[i] * next_weight;
}

HEADRACE_TARGET_CLONES
void split_line(const float* __restrict line, size_t width, float* __restrict red, float* __restrict green,
                float* __restrict blue) {
    for (size_t x = 0; x < width; ++x) {
        red[x] = line[3 * x];
        green[x] = line[3 * x + 1];
        blue[x] = line[3 * x + 2];
    }
}

HEADRACE_TARGET_CLONES
void apply_step(PixelStep step, float constant, size_t count, float* pixels) {
    switch (step) {
        case PixelStep::kAdd:
            for (size_t i = 0; i < count; ++i) pixels[i] += constant;
            break;
        case PixelStep::kSubtract:
            for (size_t i = 0; i < count; ++i) pixels[i] -= constant;
            break;
        case PixelStep::kMultiply:
            for (size_t i = 0; i < count; ++i) pixels[i] *= constant;
            break;
        case PixelStep::kDivide:
            for (size_t i = 0; i < count; ++i) pixels[i] /= constant;
            break;
    }
}

}  // namespace

void Resampler::prepare(const PixelView& image) {
    if (across_.before != image.width || across_.after != width_) across_.compute(image.width, width_, method_);
    if (down_.before != image.height || down_.after != height_) down_.compute(image.height, height_, method_);
    line_size_ = 3 * width_ + kLanes;
    kept_lines_ = down_.most;
}

void Resampler::resample_line(const uint8_t* line) {
    source_.truncate(0);
    float* source = source_.extend(3 * across_.before + kLanes);
    to_floats(line, 3 * across_.before, source);
    std::memset(source + 3 * across_.before, 0, kLanes * sizeof(float));
}

void Resampler::add_lines(size_t row) {
    const size_t size = 3 * width_, first = down_.first[row], count = down_.count[row];
    const float* weights = down_.weights.data() + row * down_.most;
    float* total = total_.data();
    scale(find_line(first), size, weights[0], total);
    size_t k = 1;
    for (; k + 1 < count; k += 2)
        add_two_scaled(find_line(first + k), find_line(first + k + 1), size, weights[k], weights[k + 1], total);
    if (k < count) add_scaled(find_line(first + k), size, weights[k], total);
}

void Resampler::write_line(size_t row, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels) {
    const float* total = total_.data();
    if (has_channels_last) {
        float* line = pixels + row * width_ * 3;
        std::memcpy(line, total, width_ * 3 * sizeof(float));
        for (const ChannelStep& each : steps)
            for (size_t x = 0; x < width_ * 3; ++x) apply_step(each.step, each.constants[x % 3], 1, line + x);
        return;
    }
    float* planes[3];
    for (size_t channel = 0; channel < 3; ++channel) planes[channel] = pixels + (channel * height_ + row) * width_;
    split_line(total, width_, planes[0], planes[1], planes[2]);
    for (const ChannelStep& each : steps)
        for (size_t channel = 0; channel < 3; ++channel)
            apply_step(each.step, each.constants[channel], width_, planes[channel]);
}

bool Resampler::resample(const PixelView& image, const std::vector<ChannelStep>& steps, bool has_channels_last,
                         float* pixels) {
    if (image.height > kLargestSide || image.width > kLargestSide) return false;
    prepare(image);
    if (kept_lines_ * line_size_ * sizeof(float) > kMostLineBytes) return false;
    resize(lines_, kept_lines_ * line_size_);
    resize(total_, line_size_);
    size_t ready = 0;  // lines before this one are resampled
    for (size_t row = 0; row < height_; ++row) {
        const size_t first = down_.first[row], end = first + down_.count[row];
        for (ready = std::max(ready, first); ready < end; ++ready) {
            resample_line(image.data + ready * image.stride);
            if (across_.before == width_) std::memcpy(find_line(ready), source_.data(), 3 * width_ * sizeof(float));
            else add_pixels(source_.data(), across_, find_line(ready));
        }
        if (image.height == height_) std::memcpy(total_.data(), find_line(row), 3 * width_ * sizeof(float));
        else add_lines(row);
        write_line(row, steps, has_channels_last, pixels);
    }
    return true;
}

}  // namespace headrace
