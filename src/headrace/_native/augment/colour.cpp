#include "augment/colour.hpp"

#include <algorithm>

#include "augment/filters.hpp"
#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr float kGrey[3] = {0.299f, 0.587f, 0.114f};  // ITU-R BT.601
constexpr size_t kSums = 16;

// Sums in an order that does not depend on the width of vectors.
HEADRACE_TARGET_CLONES double sum_plane(const float* values, size_t count) {
    double sums[kSums] = {};
    size_t i = 0;
    for (; i + kSums <= count; i += kSums)
        for (size_t lane = 0; lane < kSums; ++lane) sums[lane] += static_cast<double>(values[i + lane]);
    for (size_t lane = 0; i < count; ++i, ++lane) sums[lane] += static_cast<double>(values[i]);
    double total = 0;
    for (double each : sums) total += each;
    return total;
}

HEADRACE_TARGET_CLONES double sum_plane(const uint8_t* values, size_t count) {
    uint64_t total = 0;
    while (count) {
        const size_t block = std::min(count, size_t{1} << 20);
        uint32_t part = 0;
        for (size_t i = 0; i < block; ++i) part += values[i];
        total += part;
        values += block;
        count -= block;
    }
    return static_cast<double>(total);
}

template <typename In, typename Out>
HEADRACE_INLINE void scale(const In* in, size_t count, float factor, float offset, ValueRange range, Out* out) {
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < count; ++i) store(range.clip(factor * static_cast<float>(in[i]) + offset), out[i]);
}

HEADRACE_TARGET_CLONES void scale_plane(const uint8_t* in, size_t count, float factor, float offset, ValueRange range, uint8_t* out) {
    scale(in, count, factor, offset, range, out);
}
HEADRACE_TARGET_CLONES void scale_plane(const float* in, size_t count, float factor, float offset, ValueRange range, float* out) {
    scale(in, count, factor, offset, range, out);
}
HEADRACE_TARGET_CLONES void scale_plane(const float* in, size_t count, float factor, float offset, ValueRange range, uint8_t* out) {
    scale(in, count, factor, offset, range, out);
}
HEADRACE_TARGET_CLONES void scale_plane(const uint8_t* in, size_t count, float factor, float offset, float* out) {
    for (size_t i = 0; i < count; ++i) out[i] = factor * static_cast<float>(in[i]) + offset;
}
HEADRACE_TARGET_CLONES void scale_plane(const float* in, size_t count, float factor, float offset, float* out) {
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < count; ++i) out[i] = factor * in[i] + offset;
}

// Multiplies pixels by a matrix that scales the distance from grey: factor * value + share * grey + offset.
HEADRACE_TARGET_CLONES void saturate(float* pixels, size_t area, float factor, float share, const float* offsets) {
    float *red = pixels, *green = pixels + area, *blue = pixels + 2 * area;
    const float r = offsets[0], g = offsets[1], b = offsets[2];
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < area; ++i) {
        const float grey = share * (kGrey[0] * red[i] + kGrey[1] * green[i] + kGrey[2] * blue[i]);
        red[i] = factor * red[i] + grey + r;
        green[i] = factor * green[i] + grey + g;
        blue[i] = factor * blue[i] + grey + b;
    }
}

// The values of an image: factor * source + share * grey of the source + offset of the channel, not yet computed.
template <typename T>
class Values {
public:
    Values(const T* image, const Shape& shape, ColourScratch& scratch) : image_(image), shape_(shape), scratch_(scratch) {
        std::fill(scratch_.offsets.begin(), scratch_.offsets.end(), 0.0f);
    }

    void change(const ColourSteps& steps, size_t i) {
        const float* parameters = steps.parameters(i);
        const float value = parameters[0];
        std::vector<float>& offsets = scratch_.offsets;
        switch (steps.op(i)) {
            case ColourOp::kNone: return;
            case ColourOp::kContrast: return change_contrast(value);
            case ColourOp::kAdd:
                for (size_t channel = 0; channel < shape_.channels; ++channel) offsets[channel] += parameters[channel] * steps.unit;
                return;
            case ColourOp::kScale: return multiply(value);
            case ColourOp::kSaturate: return change_saturation(value);
            case ColourOp::kHue:
                if (shape_.channels == 3) turn_hue(compute(), shape_.area(), value);
                return forget_means();
            case ColourOp::kBlur:
                blur(compute(), shape_, value, scratch_.plane);
                return forget_means();
            case ColourOp::kSharpen:
                sharpen(compute(), shape_, value, scratch_.plane);
                return forget_means();
            case ColourOp::kPosterize:
                posterize(compute(), shape_.size(), steps.unit, value);
                return forget_means();
            case ColourOp::kSolarize:
                solarize(compute(), shape_.size(), steps.unit, value * steps.unit);
                return forget_means();
            case ColourOp::kAutoContrast:
                scale_to_range(compute(), shape_, steps.unit);
                return forget_means();
            case ColourOp::kEqualize:
                equalize(compute(), shape_, steps.unit);
                return forget_means();
            case ColourOp::kClip:
                clip(steps.unit);
                return forget_means();
        }
    }

    template <typename Out>
    void write(ValueRange range, Out* out) {
        if (share_ != 0) compute();
        const size_t area = shape_.area();
        for (size_t channel = 0; channel < shape_.channels; ++channel, out += area) {
            const float offset = scratch_.offsets[channel];
            if (is_computed_) scale_plane(scratch_.pixels.data() + channel * area, area, factor_, offset, range, out);
            else scale_plane(image_ + channel * area, area, factor_, offset, range, out);
        }
    }

private:
    void multiply(float factor) {
        factor_ *= factor;
        if (share_ != 0) share_ *= factor;  // not 0 * infinity
        for (float& offset : scratch_.offsets) offset *= factor;
    }

    void change_contrast(float factor) {
        find_means();
        const size_t channels = shape_.channels;
        const float source_grey = share_ == 0 ? 0 : share_ * grey_of(scratch_.means);
        float mean = 0;
        for (size_t channel = 0; channel < channels; ++channel)
            mean += factor_ * scratch_.means[channel] + source_grey + scratch_.offsets[channel];
        mean /= static_cast<float>(channels);
        multiply(factor);
        for (float& offset : scratch_.offsets) offset += (1 - factor) * mean;
    }

    void change_saturation(float factor) {
        if (shape_.channels != 3) return;
        const float grey = grey_of(scratch_.offsets);
        // the grey of factor * value + share * grey + offset is (factor + share) * grey + grey of the offsets
        share_ = factor * share_ + (1 - factor) * (factor_ + share_);
        factor_ *= factor;
        for (float& offset : scratch_.offsets) offset = factor * offset + (1 - factor) * grey;
    }

    static float grey_of(const std::vector<float>& channels) {
        return kGrey[0] * channels[0] + kGrey[1] * channels[1] + kGrey[2] * channels[2];
    }

    void find_means() {
        if (has_means_) return;
        const size_t area = shape_.area();
        for (size_t channel = 0; channel < shape_.channels; ++channel) {
            const double total = is_computed_ ? sum_plane(scratch_.pixels.data() + channel * area, area)
                                              : sum_plane(image_ + channel * area, area);
            scratch_.means[channel] = static_cast<float>(total / static_cast<double>(area));
        }
        has_means_ = true;
    }

    void forget_means() { has_means_ = false; }

    // Computes the values, and returns them.
    float* compute() {
        const size_t area = shape_.area();
        std::vector<float>& offsets = scratch_.offsets;
        float* pixels = scratch_.pixels.data();
        const bool mixes = share_ != 0;
        const bool is_changed = factor_ != 1 || std::any_of(offsets.begin(), offsets.end(), [](float o) { return o != 0; });
        for (size_t channel = 0; channel < shape_.channels; ++channel) {
            const float factor = mixes ? 1 : factor_, offset = mixes ? 0 : offsets[channel];
            float* plane = pixels + channel * area;
            if (!is_computed_) scale_plane(image_ + channel * area, area, factor, offset, plane);
            else if (is_changed && !mixes) scale_plane(plane, area, factor, offset, plane);
        }
        if (mixes) saturate(pixels, area, factor_, share_, offsets.data());
        if (mixes || is_changed) forget_means();
        is_computed_ = true;
        factor_ = 1;
        share_ = 0;
        std::fill(offsets.begin(), offsets.end(), 0.0f);
        return pixels;
    }

    void clip(float unit) {
        float* pixels = compute();
        for (size_t channel = 0; channel < shape_.channels; ++channel, pixels += shape_.area())
            scale_plane(pixels, shape_.area(), 1, 0, ValueRange{0, unit}, pixels);
    }

    const T* image_;
    const Shape& shape_;
    ColourScratch& scratch_;
    float factor_ = 1, share_ = 0;
    bool is_computed_ = false, has_means_ = false;
};

template <typename In, typename Out>
void change(const In* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, Out* out) {
    Values<In> values(image, shape, scratch);
    for (size_t i = 0; i < steps.count; ++i) values.change(steps, i);
    values.write(range, out);
}

}  // namespace

void ColourScratch::reserve(const Shape& shape, bool has_steps) {
    if (has_steps) pixels.extend(shape.size());
    offsets.resize(shape.channels);
    means.resize(shape.channels);
}

void change_colours(const uint8_t* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, uint8_t* out) {
    change(image, shape, steps, range, scratch, out);
}

void change_colours(const float* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, float* out) {
    change(image, shape, steps, range, scratch, out);
}

void change_colours(const float* image, const Shape& shape, const ColourSteps& steps, ValueRange range, ColourScratch& scratch, uint8_t* out) {
    change(image, shape, steps, range, scratch, out);
}

}  // namespace headrace
