#include "augment/augment.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <system_error>
#include <thread>
#include <type_traits>

namespace headrace {

namespace {

constexpr double kNanosecondsPerThread = 100'000;  // work that makes up for starting a thread

struct Scratch {
    Buffer<float> source, averages, row, moved;
    ColourScratch colours;

    Scratch(const Augmentation& a, bool resamples) {
        if (resamples) {
            source.extend(count_interleaved(averaged(a)));
            if (a.block_height * a.block_width > 1) averages.extend(averaged(a).size());
            row.extend(kLanes * a.size.width);
            if (a.steps) moved.extend(a.size.size());
        }
        colours.reserve(a.size, a.steps > 0);
    }

    static Shape averaged(const Augmentation& a) {
        return {a.shape.channels, a.shape.height / a.block_height, a.shape.width / a.block_width};
    }
};

// The same map with its input in blocks, which are counted from the top left.
AffineMap map_to_blocks(const AffineMap& map, const Augmentation& a) {
    const Shape shape = Scratch::averaged(a);
    const double x = 1.0 / static_cast<double>(a.block_width), y = 1.0 / static_cast<double>(a.block_height);
    const double right = (static_cast<double>(a.shape.width) * x - static_cast<double>(shape.width)) / 2;
    const double down = (static_cast<double>(a.shape.height) * y - static_cast<double>(shape.height)) / 2;
    return {map.xx * x, map.xy * x, map.xo * x + right, map.yx * y, map.yy * y, map.yo * y + down};
}

bool resamples(const Augmentation& a, size_t i) {
    return a.block_height * a.block_width > 1 || !is_copy(a.maps[i], a.shape, a.size);
}

size_t count_resampled(const Augmentation& a) {
    size_t count = 0;
    for (size_t i = 0; a.maps && i < a.count; ++i) count += resamples(a, i);
    return count;
}

template <typename T, typename Out>
void resample_image(const Augmentation& a, const T* image, size_t i, Scratch& scratch, ValueRange range, Out* out) {
    if (a.block_height * a.block_width == 1) {
        interleave(image, a.shape, scratch.source.data());
        resample(scratch.source.data(), a.shape, a.maps[i], a.fill, range, scratch.row.data(), out, a.size);
        return;
    }
    const Shape shape = Scratch::averaged(a);
    average_blocks(image, a.shape, a.block_height, a.block_width, scratch.averages.data());
    interleave(scratch.averages.data(), shape, scratch.source.data());
    resample(scratch.source.data(), shape, map_to_blocks(a.maps[i], a), a.fill, range, scratch.row.data(), out, a.size);
}

template <typename T>
void cut_holes(const Augmentation& a, size_t i, T* out) {
    for (size_t hole = 0; hole < a.hole_count; ++hole) {
        const Hole& place = a.holes[hole * a.count + i];
        const int64_t top = std::clamp<int64_t>(place.top, 0, static_cast<int64_t>(a.size.height));
        const int64_t bottom = std::clamp<int64_t>(place.bottom, top, static_cast<int64_t>(a.size.height));
        const int64_t left = std::clamp<int64_t>(place.left, 0, static_cast<int64_t>(a.size.width));
        const int64_t right = std::clamp<int64_t>(place.right, left, static_cast<int64_t>(a.size.width));
        for (size_t channel = 0; channel < a.size.channels; ++channel) {
            T value;
            store(a.hole_values[hole * a.size.channels + channel], value);
            for (int64_t y = top; y < bottom; ++y)
                std::fill_n(out + channel * a.size.area() + y * a.size.width + left, right - left, value);
        }
    }
}

constexpr ValueRange kUnbounded{-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};

// Whether values of the images may lie outside of the range.
template <typename T>
bool has_bounds(ValueRange range) {
    const ValueRange all = std::is_same_v<T, uint8_t> ? ValueRange{0, 255} : kUnbounded;
    return range.low > all.low || range.high < all.high;
}

template <typename T>
void augment_image(const Augmentation& a, const T* image, size_t i, Scratch& scratch, T* out) {
    ColourSteps steps{nullptr, nullptr, 0, a.count, a.count * a.width, a.unit};
    if (a.steps) steps = {a.ops + i, a.values + i * a.width, a.steps, a.count, a.count * a.width, a.unit};
    const bool is_copied = a.maps && !resamples(a, i);
    if (a.maps && !is_copied && a.steps) {
        resample_image(a, image, i, scratch, kUnbounded, scratch.moved.data());
        change_colours(scratch.moved.data(), a.size, steps, a.range, scratch.colours, out);
    } else if (a.maps && !is_copied) {
        resample_image(a, image, i, scratch, a.range, out);
    } else {
        if (is_copied) copy_pixels(image, a.shape, a.maps[i], a.fill, out, a.size);
        const T* moved = is_copied ? out : image;
        if (a.steps || has_bounds<T>(a.range)) {
            change_colours(moved, a.size, steps, a.range, scratch.colours, out);
        } else if (moved != out) {
            std::copy_n(moved, a.size.size(), out);
        }
    }
    cut_holes(a, i, out);
}

double estimate_nanoseconds(const Augmentation& a, size_t resampled) {
    const double pixels = static_cast<double>(std::max(a.shape.area(), a.size.area()));
    const double values = pixels * static_cast<double>(a.count * a.shape.channels);
    const double moving = 3 * pixels * static_cast<double>(resampled * count_groups(a.shape.channels));
    return moving + values * (0.1 + 0.3 * static_cast<double>(a.steps));
}

template <typename T>
void augment_batch(const Augmentation& a, const T* images, size_t threads, T* out) {
    const size_t resampled = count_resampled(a);
    const double worth = estimate_nanoseconds(a, resampled) / kNanosecondsPerThread;
    const size_t used = std::max<size_t>(1, std::min({threads, a.count, worth < 64 ? static_cast<size_t>(worth) : 64}));
    std::vector<Scratch> scratch;
    for (size_t i = 0; i < used; ++i) scratch.emplace_back(a, resampled > 0);
    std::atomic<size_t> next{0};
    std::vector<std::exception_ptr> errors(used);
    const auto work = [&](size_t worker) {
        try {
            for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < a.count;)
                augment_image(a, images + i * a.shape.size(), i, scratch[worker], out + i * a.size.size());
        } catch (...) {
            errors[worker] = std::current_exception();
        }
    };
    std::vector<std::thread> helpers;
    helpers.reserve(used);
    try {
        while (helpers.size() + 1 < used) helpers.emplace_back(work, helpers.size() + 1);
    } catch (const std::system_error&) {
        // The threads that have started, this one among them, compute all images.
    }
    work(0);
    for (std::thread& helper : helpers) helper.join();
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
}

}  // namespace

void augment(const Augmentation& augmentation, const uint8_t* images, size_t threads, uint8_t* out) {
    augment_batch(augmentation, images, threads, out);
}

void augment(const Augmentation& augmentation, const float* images, size_t threads, float* out) {
    augment_batch(augmentation, images, threads, out);
}

}  // namespace headrace
