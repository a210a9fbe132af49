#include "images/resample.hpp"

#include <algorithm>
#include <cstring>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr size_t kMostLineBytes = size_t{64} << 20;
constexpr size_t kPixelsAtOnce = 1024;  // whose floats stay in the cache while steps are applied
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
void split_bytes(const uint8_t* __restrict pixels, size_t count, float* __restrict red, float* __restrict green,
                 float* __restrict blue) {
    for (size_t i = 0; i < count; ++i) {
        red[i] = static_cast<float>(pixels[3 * i]);
        green[i] = static_cast<float>(pixels[3 * i + 1]);
        blue[i] = static_cast<float>(pixels[3 * i + 2]);
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

constexpr size_t kPattern = 24;  // values of 8 pixels, after which vectors of constants repeat

// The same for pixels whose channels follow each other; `constants` holds the values of 8 pixels.
HEADRACE_TARGET_CLONES
void apply_pattern(PixelStep step, const float* __restrict constants, size_t size, float* __restrict pixels) {
    for (; size >= kPattern; size -= kPattern, pixels += kPattern) switch (step) {
            case PixelStep::kAdd:
                for (size_t i = 0; i < kPattern; ++i) pixels[i] += constants[i];
                break;
            case PixelStep::kSubtract:
                for (size_t i = 0; i < kPattern; ++i) pixels[i] -= constants[i];
                break;
            case PixelStep::kMultiply:
                for (size_t i = 0; i < kPattern; ++i) pixels[i] *= constants[i];
                break;
            case PixelStep::kDivide:
                for (size_t i = 0; i < kPattern; ++i) pixels[i] /= constants[i];
                break;
        }
}

void apply_to_pixels(const ChannelStep& each, size_t count, float* pixels) {
    float constants[kPattern];
    for (size_t i = 0; i < kPattern; ++i) constants[i] = each.constants[i % 3];
    const size_t done = 3 * count / kPattern * kPattern;
    apply_pattern(each.step, constants, done, pixels);
    for (size_t i = done; i < 3 * count; ++i) apply_step(each.step, each.constants[i % 3], 1, pixels + i);
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

void Resampler::apply_steps(const std::vector<ChannelStep>& steps, bool has_channels_last, size_t place, size_t count,
                            float* pixels) const {
    for (const ChannelStep& each : steps) {
        if (has_channels_last) apply_to_pixels(each, count, pixels + 3 * place);
        else
            for (size_t channel = 0; channel < 3; ++channel)
                apply_step(each.step, each.constants[channel], count, pixels + channel * height_ * width_ + place);
    }
}

void Resampler::write_line(size_t row, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels) {
    const size_t place = row * width_, area = height_ * width_;
    if (has_channels_last) std::memcpy(pixels + 3 * place, total_.data(), 3 * width_ * sizeof(float));
    else split_line(total_.data(), width_, pixels + place, pixels + area + place, pixels + 2 * area + place);
    apply_steps(steps, has_channels_last, place, width_, pixels);
}

void Resampler::convert(const PixelView& image, const std::vector<ChannelStep>& steps, bool has_channels_last, float* pixels) const {
    const size_t area = height_ * width_, most = image.stride == 3 * width_ ? kPixelsAtOnce : width_;
    for (size_t place = 0; place < area; place += most) {
        const size_t count = std::min(most, area - place);
        const uint8_t* bytes = image.data + (most == width_ ? place / width_ * image.stride : 3 * place);
        if (has_channels_last) to_floats(bytes, 3 * count, pixels + 3 * place);
        else split_bytes(bytes, count, pixels + place, pixels + area + place, pixels + 2 * area + place);
        apply_steps(steps, has_channels_last, place, count, pixels);
    }
}

bool Resampler::resample(const PixelView& image, const std::vector<ChannelStep>& steps, bool has_channels_last,
                         float* pixels) {
    if (image.height > kLargestSide || image.width > kLargestSide) return false;
    if (image.height == height_ && image.width == width_) {
        convert(image, steps, has_channels_last, pixels);
        return true;
    }
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
