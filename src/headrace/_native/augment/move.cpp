#include "augment/move.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr double kFarthest = 1e12;  // pixels; farther positions are outside of every image

// The position in the image, along one side of it, of the first pixel of the output.
double find_first(double factor, double offset, size_t from, size_t to) {
    return factor * (0.5 - static_cast<double>(to) / 2) + offset + (static_cast<double>(from) / 2 - 0.5);
}

bool is_whole(double position) { return std::abs(position) < kFarthest && position == std::round(position); }

// Positions in the image, along one side of it, of consecutive pixels of the output.
struct Line {
    int64_t start, step;

    Line(double factor, double offset, size_t from, size_t to)
        : start(std::llround(std::clamp(find_first(factor, offset, from, to), -kFarthest, kFarthest))), step(factor < 0 ? -1 : 1) {}
};

// Returns the index inside of the image, or -1 for a constant.
HEADRACE_INLINE int64_t find_inside(int64_t index, int64_t length, PixelFill kind) {
    if (index >= 0 && index < length) return index;
    if (kind == PixelFill::kConstant) return -1;
    if (kind == PixelFill::kEdge) return index < 0 ? 0 : length - 1;
    const int64_t period = 2 * length;
    const int64_t place = ((index % period) + period) % period;
    return place < length ? place : period - 1 - place;
}

template <typename T>
HEADRACE_INLINE void reverse(const T* last, size_t count, T* out) {
    HEADRACE_INDEPENDENT
    for (size_t i = 0; i < count; ++i) out[i] = *(last - i);
}

constexpr int64_t kEnd = 8;  // pixels that one store fills

// Fills the start and the end of a row; a row that is long enough may also change between, and is copied afterwards.
template <typename T>
HEADRACE_INLINE void fill_ends(T* out, int64_t first, int64_t last, int64_t columns, T before, T after) {
    if (first <= kEnd && columns - last <= kEnd && columns >= 2 * kEnd) {
        std::fill_n(out, kEnd, before);
        std::fill_n(out + columns - kEnd, kEnd, after);
    } else {
        std::fill_n(out, first, before);
        std::fill_n(out + last, columns - last, after);
    }
}

template <typename T>
HEADRACE_INLINE void copy_planes(const T* in, const Shape& shape, const AffineMap& map, const Fill& fill, T* out, const Shape& size) {
    const Line across(map.xx, map.xo, shape.width, size.width), down(map.yy, map.yo, shape.height, size.height);
    const int64_t width = static_cast<int64_t>(shape.width), height = static_cast<int64_t>(shape.height);
    const int64_t columns = static_cast<int64_t>(size.width);
    // columns from `first` to `last` of the output lie inside
    const int64_t low = across.step > 0 ? -across.start : across.start - width + 1;
    const int64_t first = std::clamp<int64_t>(low, 0, columns), last = std::clamp<int64_t>(low + width, first, columns);
    const size_t count = static_cast<size_t>(last - first);
    const int64_t start = find_inside(across.start, width, PixelFill::kEdge);
    const int64_t end = find_inside(across.start + across.step * (columns - 1), width, PixelFill::kEdge);
    for (size_t channel = 0; channel < size.channels; ++channel) {
        T constant;
        store(fill.kind == PixelFill::kConstant ? fill.values[channel] : 0.0f, constant);
        const T* plane = in + channel * shape.area();
        for (size_t y = 0; y < size.height; ++y, out += size.width) {
            const int64_t row = find_inside(down.start + down.step * static_cast<int64_t>(y), height, fill.kind);
            if (row < 0) {
                std::fill_n(out, size.width, constant);
                continue;
            }
            const T* source = plane + row * width;
            if (fill.kind == PixelFill::kReflect) {
                const auto mirror = [&](int64_t x) { out[x] = source[find_inside(across.start + across.step * x, width, fill.kind)]; };
                for (int64_t x = 0; x < first; ++x) mirror(x);
                for (int64_t x = last; x < columns; ++x) mirror(x);
            } else if (first > 0 || last < columns) {
                const bool is_edge = fill.kind == PixelFill::kEdge;
                fill_ends(out, first, last, columns, is_edge ? source[start] : constant, is_edge ? source[end] : constant);
            }
            if (!count) continue;
            if (across.step > 0) std::memcpy(out + first, source + (across.start + first), count * sizeof(T));
            else reverse(source + (across.start - first), count, out + first);
        }
    }
}

template <typename T>
void average_planes(const T* in, const Shape& shape, size_t height, size_t width, float* out) {
    const size_t rows = shape.height / height, columns = shape.width / width;
    const double share = 1.0 / static_cast<double>(height * width);
    for (size_t channel = 0; channel < shape.channels; ++channel, in += shape.area())
        for (size_t y = 0; y < rows; ++y)
            for (size_t x = 0; x < columns; ++x) {
                double sum = 0;
                for (size_t i = 0; i < height; ++i)
                    for (size_t j = 0; j < width; ++j) sum += in[(y * height + i) * shape.width + x * width + j];
                *out++ = static_cast<float>(sum * share);
            }
}

template <typename T>
HEADRACE_INLINE void interleave_planes(const T* in, const Shape& shape, float* out) {
    const size_t area = shape.area();
    if (shape.channels == 1) {
        for (size_t i = 0; i < area; ++i) out[i] = static_cast<float>(in[i]);
        return;
    }
    for (size_t group = 0; group < shape.channels; group += kLanes, out += kLanes * area) {
        const size_t count = std::min(kLanes, shape.channels - group);
        const T* planes[kLanes];
        for (size_t lane = 0; lane < kLanes; ++lane) planes[lane] = in + (group + std::min(lane, count - 1)) * area;
        const T *p0 = planes[0], *p1 = planes[1], *p2 = planes[2], *p3 = planes[3];
        for (size_t i = 0; i < area; ++i) {
            out[i * kLanes] = static_cast<float>(p0[i]);
            out[i * kLanes + 1] = static_cast<float>(p1[i]);
            out[i * kLanes + 2] = static_cast<float>(p2[i]);
            out[i * kLanes + 3] = static_cast<float>(p3[i]);
        }
    }
}

// Brings a position into the image, for fills that repeat its pixels; NaN becomes 0.
HEADRACE_INLINE float bring_inside(float position, float length, PixelFill kind) {
    if (kind == PixelFill::kReflect) {
        const float place = std::fmod(std::fabs(position + 0.5f), 2 * length);
        position = (place > length ? 2 * length - place : place) - 0.5f;
    }
    const float least = position > 0 ? position : 0.0f;
    return least < length - 1 ? least : length - 1;
}

#if defined(__GNUC__)
typedef float FourFloats __attribute__((vector_size(4 * sizeof(float)), aligned(4), may_alias));
#endif

HEADRACE_INLINE void interpolate(const float* a, const float* b, const float* c, const float* d, float fx, float fy, float* out) {
    const float top = *a + fx * (*b - *a), bottom = *c + fx * (*d - *c);
    *out = top + fy * (bottom - top);
}

HEADRACE_INLINE void interpolate_lanes(const float* a, const float* b, const float* c, const float* d, float fx, float fy, float* out) {
#if defined(__GNUC__)
    const auto load = [](const float* at) { return *reinterpret_cast<const FourFloats*>(at); };
    const FourFloats left = load(a), right = load(b), below_left = load(c), below_right = load(d);
    const FourFloats top = left + fx * (right - left), bottom = below_left + fx * (below_right - below_left);
    *reinterpret_cast<FourFloats*>(out) = top + fy * (bottom - top);
#else
    for (size_t lane = 0; lane < kLanes; ++lane) interpolate(a + lane, b + lane, c + lane, d + lane, fx, fy, out + lane);
#endif
}

template <size_t kCount>
HEADRACE_INLINE void interpolate_pixel(const float* a, const float* b, const float* c, const float* d, float fx, float fy, float* out) {
    if constexpr (kCount == 1) interpolate(a, b, c, d, fx, fy, out);
    else interpolate_lanes(a, b, c, d, fx, fy, out);
}

// One group of channels.
template <size_t kCount>
struct Sampler {
    const float* in;
    int64_t height, width;
    PixelFill kind;
    float outside[kCount];

    HEADRACE_INLINE void sample_inside(float x, float y, float* out) const {
        const int32_t column = static_cast<int32_t>(x), row = static_cast<int32_t>(y);
        const float* at = in + (row * width + column) * static_cast<int64_t>(kCount);
        const float* below = at + width * static_cast<int64_t>(kCount);
        interpolate_pixel<kCount>(at, at + kCount, below, below + kCount, x - static_cast<float>(column), y - static_cast<float>(row), out);
    }

    const float* corner(int64_t column, int64_t row) const {
        const bool is_inside = column >= 0 && column < width && row >= 0 && row < height;
        return is_inside ? in + (row * width + column) * static_cast<int64_t>(kCount) : outside;
    }

    void sample(float x, float y, float* out) const {
        const float w = static_cast<float>(width), h = static_cast<float>(height);
        if (kind != PixelFill::kConstant) {
            x = bring_inside(x, w, kind);
            y = bring_inside(y, h, kind);
        } else if (!(x > -1 && x < w && y > -1 && y < h)) {
            std::copy_n(outside, kCount, out);
            return;
        }
        const float left = std::floor(x), top = std::floor(y);
        const int64_t column = static_cast<int64_t>(left), row = static_cast<int64_t>(top);
        const bool repeats = kind != PixelFill::kConstant;
        const int64_t right = repeats ? std::min(column + 1, width - 1) : column + 1;
        const int64_t below = repeats ? std::min(row + 1, height - 1) : row + 1;
        interpolate_pixel<kCount>(corner(column, row), corner(right, row), corner(column, below), corner(right, below), x - left, y - top, out);
    }
};

template <size_t kCount>
HEADRACE_INLINE void sample_row(const Sampler<kCount>& sampler, float xx, float xo, float yx, float yo, size_t columns, float* out) {
    const float last_x = static_cast<float>(sampler.width - 1), last_y = static_cast<float>(sampler.height - 1);
    for (size_t column = 0; column < columns; ++column, out += kCount) {
        const float at = static_cast<float>(column);
        const float x = xx * at + xo, y = yx * at + yo;
        if (x >= 0 && x < last_x && y >= 0 && y < last_y) sampler.sample_inside(x, y, out);
        else sampler.sample(x, y, out);
    }
}

template <size_t kCount, typename T>
HEADRACE_INLINE void store_row(const float* row, size_t columns, ValueRange range, size_t lane, T* out) {
    for (size_t x = 0; x < columns; ++x) store(range.clip(row[x * kCount + lane]), out[x]);
}

template <size_t kCount, typename T>
HEADRACE_INLINE void resample_group(const Sampler<kCount>& sampler, const AffineMap& map, ValueRange range, float* row, T* out,
                                    const Shape& size, size_t channels) {
    const double middle_x = 0.5 - static_cast<double>(size.width) / 2, middle_y = 0.5 - static_cast<double>(size.height) / 2;
    const double to_x = static_cast<double>(sampler.width) / 2 - 0.5, to_y = static_cast<double>(sampler.height) / 2 - 0.5;
    for (size_t y = 0; y < size.height; ++y) {
        const double down = middle_y + static_cast<double>(y);
        const double xo = map.xx * middle_x + map.xy * down + map.xo + to_x;
        const double yo = map.yx * middle_x + map.yy * down + map.yo + to_y;
        sample_row<kCount>(sampler, static_cast<float>(map.xx), static_cast<float>(xo), static_cast<float>(map.yx),
                           static_cast<float>(yo), size.width, row);
        for (size_t lane = 0; lane < channels; ++lane)
            store_row<kCount>(row, size.width, range, lane, out + lane * size.area() + y * size.width);
    }
}

template <size_t kCount, typename T>
HEADRACE_INLINE void resample_planes(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, ValueRange range,
                                     float* row, T* out, const Shape& size) {
    Sampler<kCount> sampler{in, static_cast<int64_t>(shape.height), static_cast<int64_t>(shape.width), fill.kind, {}};
    for (size_t group = 0; group < shape.channels; group += kCount) {
        const size_t count = std::min(kCount, shape.channels - group);
        for (size_t lane = 0; lane < count && fill.kind == PixelFill::kConstant; ++lane) sampler.outside[lane] = fill.values[group + lane];
        sampler.in = in + group * shape.area();
        resample_group<kCount>(sampler, map, range, row, out + group * size.area(), size, count);
    }
}

}  // namespace

bool is_copy(const AffineMap& map, const Shape& shape, const Shape& size) {
    return std::abs(map.xx) == 1 && std::abs(map.yy) == 1 && map.xy == 0 && map.yx == 0 &&
           is_whole(find_first(map.xx, map.xo, shape.width, size.width)) &&
           is_whole(find_first(map.yy, map.yo, shape.height, size.height));
}

HEADRACE_TARGET_CLONES void copy_pixels(const uint8_t* in, const Shape& shape, const AffineMap& map, const Fill& fill, uint8_t* out, const Shape& size) {
    copy_planes(in, shape, map, fill, out, size);
}

HEADRACE_TARGET_CLONES void copy_pixels(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, float* out, const Shape& size) {
    copy_planes(in, shape, map, fill, out, size);
}

void average_blocks(const uint8_t* in, const Shape& shape, size_t height, size_t width, float* out) {
    average_planes(in, shape, height, width, out);
}

void average_blocks(const float* in, const Shape& shape, size_t height, size_t width, float* out) {
    average_planes(in, shape, height, width, out);
}

HEADRACE_TARGET_CLONES void interleave(const uint8_t* in, const Shape& shape, float* out) { interleave_planes(in, shape, out); }

HEADRACE_TARGET_CLONES void interleave(const float* in, const Shape& shape, float* out) { interleave_planes(in, shape, out); }

HEADRACE_TARGET_CLONES void resample(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, ValueRange range,
                                     float* row, uint8_t* out, const Shape& size) {
    if (shape.channels == 1) resample_planes<1>(in, shape, map, fill, range, row, out, size);
    else resample_planes<kLanes>(in, shape, map, fill, range, row, out, size);
}

HEADRACE_TARGET_CLONES void resample(const float* in, const Shape& shape, const AffineMap& map, const Fill& fill, ValueRange range,
                                     float* row, float* out, const Shape& size) {
    if (shape.channels == 1) resample_planes<1>(in, shape, map, fill, range, row, out, size);
    else resample_planes<kLanes>(in, shape, map, fill, range, row, out, size);
}

}  // namespace headrace
