#include "augment/filters.hpp"

#include <algorithm>
#include <cmath>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr float kLevels = 255;

HEADRACE_INLINE float turn_channel(float hue, float channel, float highest, float chroma) {
    float place = channel + hue;  // 0 to 18
    place = place >= 12 ? place - 12 : place;
    place = place >= 6 ? place - 6 : place;
    const float falling = 4 - place;
    float share = place < falling ? place : falling;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return highest - chroma * share;
}

HEADRACE_TARGET_CLONES void add_scaled(const float* in, float factor, size_t count, float* out) {
    for (size_t i = 0; i < count; ++i) out[i] += factor * in[i];
}

// The weights at distances 0 to the radius.
std::vector<float> gaussian_weights(float deviation) {
    const size_t radius = static_cast<size_t>(std::ceil(3.0 * deviation));
    std::vector<double> weights(radius + 1);
    double sum = 0;
    for (size_t i = 0; i <= radius; ++i) {
        const double distance = static_cast<double>(i) / deviation;
        weights[i] = std::exp(-distance * distance / 2);
        sum += i ? 2 * weights[i] : weights[i];
    }
    std::vector<float> found(radius + 1);
    for (size_t i = 0; i <= radius; ++i) found[i] = static_cast<float>(weights[i] / sum);
    return found;
}

void blur_row(const float* in, size_t width, const std::vector<float>& weights, float* padded, float* out) {
    const size_t radius = weights.size() - 1;
    std::fill_n(padded, radius, in[0]);
    std::copy_n(in, width, padded + radius);
    std::fill_n(padded + radius + width, radius, in[width - 1]);
    std::fill_n(out, width, 0.0f);
    for (size_t i = radius; i > 0; --i) {
        add_scaled(padded + radius - i, weights[i], width, out);
        add_scaled(padded + radius + i, weights[i], width, out);
    }
    add_scaled(padded + radius, weights[0], width, out);
}

// Rounds a value to one of 256 levels, half to even.
HEADRACE_INLINE uint8_t find_level(float value, float factor) {
    uint8_t level;
    store(ValueRange{0, kLevels}.clip(value * factor), level);
    return level;
}

}  // namespace

HEADRACE_TARGET_CLONES void turn_hue(float* pixels, size_t area, float degrees) {
    float *red = pixels, *green = pixels + area, *blue = pixels + 2 * area;
    const float turn = static_cast<float>((std::fmod(static_cast<double>(degrees), 360.0) + 360) / 60);  // 0 to 12
    const float offset = turn >= 6 ? turn - 6 : turn;
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < area; ++i) {
        const float r = red[i], g = green[i], b = blue[i];
        const float highest = r > g ? (r > b ? r : b) : (g > b ? g : b);
        const float lowest = r < g ? (r < b ? r : b) : (g < b ? g : b);
        const float chroma = highest - lowest;
        const float divisor = chroma > 0 ? chroma : 1.0f;
        const float from_red = (g - b) / divisor, from_green = 2 + (b - r) / divisor, from_blue = 4 + (r - g) / divisor;
        const float hue = (r == highest ? from_red : g == highest ? from_green : from_blue) + offset;
        red[i] = turn_channel(hue, 5, highest, chroma);
        green[i] = turn_channel(hue, 3, highest, chroma);
        blue[i] = turn_channel(hue, 1, highest, chroma);
    }
}

void blur(float* pixels, const Shape& shape, float deviation, std::vector<float>& scratch) {
    if (!(deviation > 0)) return;
    const std::vector<float> weights = gaussian_weights(deviation);
    const size_t radius = weights.size() - 1, width = shape.width, height = shape.height;
    scratch.resize(shape.area() + width + 2 * radius);
    float *rows = scratch.data(), *padded = rows + shape.area();
    for (size_t channel = 0; channel < shape.channels; ++channel, pixels += shape.area()) {
        for (size_t y = 0; y < height; ++y) blur_row(pixels + y * width, width, weights, padded, rows + y * width);
        for (size_t y = 0; y < height; ++y) {
            float* out = pixels + y * width;
            std::fill_n(out, width, 0.0f);
            for (size_t i = radius; i > 0; --i) {
                add_scaled(rows + (y < i ? 0 : y - i) * width, weights[i], width, out);
                add_scaled(rows + std::min(y + i, height - 1) * width, weights[i], width, out);
            }
            add_scaled(rows + y * width, weights[0], width, out);
        }
    }
}

void sharpen(float* pixels, const Shape& shape, float factor, std::vector<float>& scratch) {
    const size_t width = shape.width, height = shape.height;
    if (width < 3 || height < 3) return;
    for (size_t channel = 0; channel < shape.channels; ++channel, pixels += shape.area()) {
        scratch.assign(pixels, pixels + shape.area());
        for (size_t y = 1; y + 1 < height; ++y) {
            const float *above = scratch.data() + (y - 1) * width, *row = above + width, *below = row + width;
            for (size_t x = 1; x + 1 < width; ++x) {
                float around = above[x - 1] + above[x] + above[x + 1];
                around += row[x - 1] + row[x + 1];
                around += below[x - 1] + below[x] + below[x + 1];
                const float smooth = (around + 5 * row[x]) / 13;
                pixels[y * width + x] = smooth + factor * (row[x] - smooth);
            }
        }
    }
}

HEADRACE_TARGET_CLONES void posterize(float* pixels, size_t size, float unit, float bits) {
    const int kept = bits >= 8 ? 8 : bits > 0 ? static_cast<int>(bits) : 0;
    const int32_t mask = 256 - (1 << (8 - kept));
    const float to_levels = kLevels / unit, to_values = unit / kLevels;
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < size; ++i) pixels[i] = static_cast<float>(find_level(pixels[i], to_levels) & mask) * to_values;
}

HEADRACE_TARGET_CLONES void solarize(float* pixels, size_t size, float unit, float threshold) {
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < size; ++i) pixels[i] = pixels[i] >= threshold ? unit - pixels[i] : pixels[i];
}

void scale_to_range(float* pixels, const Shape& shape, float unit) {
    const size_t area = shape.area();
    for (size_t channel = 0; channel < shape.channels; ++channel, pixels += area) {
        const auto [lowest, highest] = std::minmax_element(pixels, pixels + area);
        const float low = *lowest, range = *highest - low;
        if (!(range > 0)) continue;
        const float factor = unit / range;
        for (size_t i = 0; i < area; ++i) pixels[i] = (pixels[i] - low) * factor;
    }
}

void equalize(float* pixels, const Shape& shape, float unit) {
    const size_t area = shape.area();
    for (size_t channel = 0; channel < shape.channels; ++channel, pixels += area) {
        size_t counts[256] = {}, last = 0;
        for (size_t i = 0; i < area; ++i) ++counts[find_level(pixels[i], kLevels / unit)];
        for (size_t count : counts) last = count ? count : last;
        const size_t step = (area - last) / 255;
        if (!step) continue;
        float levels[256];
        size_t below = step / 2;
        for (size_t level = 0; level < 256; ++level) {
            levels[level] = static_cast<float>(std::min<size_t>(below / step, 255)) * (unit / kLevels);
            below += counts[level];
        }
        for (size_t i = 0; i < area; ++i) pixels[i] = levels[find_level(pixels[i], kLevels / unit)];
    }
}

}  // namespace headrace
