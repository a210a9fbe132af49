#include "statistics/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A number as an unevaluated sum of two doubles; see Dekker, "A floating-point technique for extending the
// available precision" (1971), and Knuth's two-sum (The Art of Computer Programming 2, 4.2.2).
struct Pair {
    double high = 0;
    double low = 0;

    void add(double x, double x_low = 0) {
        const double sum = high + x;
        const double part = sum - high;
        const double error = (high - (sum - part)) + (x - part) + low + x_low;
        high = sum + error;
        low = error - (high - sum);
        if (!std::isfinite(high)) *this = {sum, 0};  // infinite sums have a low part of 0
    }
};

// The exact product, for factors of at most 2^996 and products that neither overflow nor underflow.
Pair product(double x, double y) {
    const double p = x * y;
    const double sx = 134217729.0 * x, sy = 134217729.0 * y;  // 2^27 + 1 splits a double into halves
    const double xh = sx - (sx - x), yh = sy - (sy - y);
    const double xl = x - xh, yl = y - yh;
    const double low = ((xh * yh - p) + xh * yl + xl * yh) + xl * yl;
    return {p, std::isfinite(low) ? low : 0};
}

template <typename T>
Pair square(double x) {
    if constexpr (std::is_same_v<T, float> || sizeof(T) <= 2) return {x * x, 0};  // fits a double
    return product(x, x);
}

struct Moments {
    Pair weight, sum, squares;
    double infinities = 0;

    template <typename T>
    void add(T value) {
        const double x = static_cast<double>(value);
        if (std::isnan(x)) return;
        weight.high += 1;  // exact up to 2^53 rows
        if (std::isinf(x)) {
            infinities += x;
            return;
        }
        sum.add(x);
        const Pair xx = square<T>(x);
        squares.add(xx.high, xx.low);
    }

    template <typename T>
    void add(T value, double w) {
        const double x = static_cast<double>(value);
        if (std::isnan(x)) return;
        weight.add(w);
        if (std::isinf(x)) {
            infinities += x;
            return;
        }
        const Pair wx = product(w, x);
        sum.add(wx.high, wx.low);
        const Pair wxx = product(wx.high, x);
        squares.add(wxx.high, wxx.low + wx.low * x);
    }

    void add(const Moments& other) {
        weight.add(other.weight.high, other.weight.low);
        sum.add(other.sum.high, other.sum.low);
        squares.add(other.squares.high, other.squares.low);
        infinities += other.infinities;
    }
};
static_assert(sizeof(Moments) == kMomentFields * sizeof(double));

constexpr size_t kLanes = 8;  // independent sums, so that additions do not wait for each other
constexpr size_t kBlock = 256;

// Adds `kBlock` finite numbers. Low parts are not renormalised: after 32 additions the loss is still negligible.
HEADRACE_TARGET_CLONES void add_block(const double* x, Moments& total) {
    double sum[kLanes] = {}, sum_low[kLanes] = {}, squares[kLanes] = {}, squares_low[kLanes] = {};
    for (size_t i = 0; i < kBlock; i += kLanes) {
        for (size_t l = 0; l < kLanes; ++l) {
            const double value = x[i + l];
            const double next = sum[l] + value, part = next - sum[l];
            sum_low[l] += (sum[l] - (next - part)) + (value - part);
            sum[l] = next;
            const double square = value * value;
            const double cut = 134217729.0 * value, top = cut - (cut - value), rest = value - top;
            const double square_low = ((top * top - square) + 2 * (top * rest)) + rest * rest;
            const double after = squares[l] + square, piece = after - squares[l];
            squares_low[l] += (squares[l] - (after - piece)) + (square - piece) + square_low;
            squares[l] = after;
        }
    }
    total.weight.high += kBlock;
    for (size_t l = 0; l < kLanes; ++l) total.sum.add(sum[l], sum_low[l]);
    for (size_t l = 0; l < kLanes; ++l) total.squares.add(squares[l], squares_low[l]);
}

// Whether the sums and squares of the block's numbers cannot overflow.
HEADRACE_TARGET_CLONES bool is_moderate(const double* x) {
    bool all = true;
    for (size_t i = 0; i < kBlock; ++i) all &= std::fabs(x[i]) < 1e140;
    return all;
}

// Collects the values except NaN in `block` and calls `process` whenever it is full.
template <typename T, typename Process>
void for_each_block(const T* values, size_t rows, Process&& process, double* block, size_t& filled) {
    for (size_t row = 0; row < rows;) {
        const size_t end = std::min(rows, row + kBlock - filled);
        for (; row < end; ++row) {
            block[filled] = static_cast<double>(values[row]);
            filled += !std::isnan(block[filled]);
        }
        if (filled == kBlock) {
            process();
            filled = 0;
        }
    }
}

template <typename T>
void add_column(const T* values, size_t rows, Moments& total) {
    double block[kBlock];
    size_t filled = 0;
    const auto one_by_one = [&] {
        for (size_t i = 0; i < filled; ++i) total.add(block[i]);
    };
    for_each_block(values, rows, [&] { is_moderate(block) ? add_block(block, total) : one_by_one(); }, block, filled);
    one_by_one();
}

HEADRACE_TARGET_CLONES void update_extrema(const double* x, double* out) {
    double low[kLanes], high[kLanes];
    for (size_t l = 0; l < kLanes; ++l) low[l] = out[0], high[l] = out[1];
    for (size_t i = 0; i < kBlock; i += kLanes) {
        for (size_t l = 0; l < kLanes; ++l) {
            low[l] = x[i + l] < low[l] ? x[i + l] : low[l];  // false for NaN
            high[l] = x[i + l] > high[l] ? x[i + l] : high[l];
        }
    }
    for (size_t l = 0; l < kLanes; ++l) {
        out[0] = low[l] < out[0] ? low[l] : out[0];
        out[1] = high[l] > out[1] ? high[l] : out[1];
    }
}

template <typename T>
void update_column_extrema(const T* values, size_t rows, double* out) {
    double block[kBlock];
    size_t filled = 0;
    for_each_block(values, rows, [&] { update_extrema(block, out); }, block, filled);
    if (!filled) return;
    std::fill(block + filled, block + kBlock, block[0]);
    update_extrema(block, out);
}

bool is_valid_weight(double weight) { return weight > 0 && weight < kInfinity; }

}  // namespace

template <typename T>
void add_moments(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out) {
    Moments* all = reinterpret_cast<Moments*>(out);
    if (width == 1 && !groups.codes && !weights) return add_column(values, rows, *all);
    for (size_t row = 0; row < rows; ++row, values += width) {
        if (weights && !is_valid_weight(weights[row])) continue;
        Moments* at = all + groups.start(row, width);
        for (size_t i = 0; i < width; ++i) weights ? at[i].add(values[i], weights[row]) : at[i].add(values[i]);
    }
}

template <typename T>
void add_extrema(const T* values, size_t rows, size_t width, Groups groups, const double* weights, double* out) {
    if (width == 1 && !groups.codes && !weights) return update_column_extrema(values, rows, out);
    for (size_t row = 0; row < rows; ++row, values += width) {
        if (weights && !is_valid_weight(weights[row])) continue;
        double* at = out + kExtremaFields * groups.start(row, width);
        for (size_t i = 0; i < width; ++i, at += kExtremaFields) {
            const double x = static_cast<double>(values[i]);
            at[0] = x < at[0] ? x : at[0];  // false for NaN
            at[1] = x > at[1] ? x : at[1];
        }
    }
}

void merge_moments(const double* states, size_t rows, size_t width, size_t stride, const int64_t* places, double* out) {
    for (size_t row = 0; row < rows; ++row) {
        double* at = out + static_cast<size_t>(places[row]) * width * stride;
        for (size_t i = 0; i < width; ++i, states += stride, at += stride) {
            reinterpret_cast<Moments*>(at)->add(*reinterpret_cast<const Moments*>(states));
        }
    }
}

#define HEADRACE_STATISTICS(T)                                                                                  \
    template void add_moments(const T*, size_t, size_t, Groups, const double*, double*);                       \
    template void add_extrema(const T*, size_t, size_t, Groups, const double*, double*);
HEADRACE_STATISTICS(bool)
HEADRACE_STATISTICS(int8_t)
HEADRACE_STATISTICS(int16_t)
HEADRACE_STATISTICS(int32_t)
HEADRACE_STATISTICS(int64_t)
HEADRACE_STATISTICS(uint8_t)
HEADRACE_STATISTICS(uint16_t)
HEADRACE_STATISTICS(uint32_t)
HEADRACE_STATISTICS(uint64_t)
HEADRACE_STATISTICS(float)
HEADRACE_STATISTICS(double)
#undef HEADRACE_STATISTICS

}  // namespace headrace
