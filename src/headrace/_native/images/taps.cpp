#include "images/taps.hpp"

#include <algorithm>
#include <cstdlib>

namespace headrace {

// Distances are counted in units of 1 / (2 * after) input pixels, in which they are integers.
void Taps::compute(size_t pixels_before, size_t pixels_after, Resampling method) {
    before = pixels_before;
    after = pixels_after;
    const auto old_size = static_cast<int64_t>(before), new_size = static_cast<int64_t>(after);
    const int64_t reach = 2 * (method == Resampling::kAntialiased ? std::max(old_size, new_size) : new_size);
    const bool is_nearest = method == Resampling::kNearest;
    most = is_nearest ? 1 : static_cast<size_t>(std::min(old_size, (reach + new_size - 1) / new_size));
    first.assign(after, 0);
    count.assign(after, 1);
    weights.assign(after * most, 1.0F);
    std::vector<int64_t> shares(most);
    for (int64_t i = 0; i < new_size; ++i) {
        int64_t center = (2 * i + 1) * old_size;
        if (is_nearest) {
            first[i] = static_cast<size_t>(center / (2 * new_size));
            continue;
        }
        if (method == Resampling::kBilinear) center = std::clamp(center, new_size, (2 * old_size - 1) * new_size);
        const int64_t start = std::max(center - reach + new_size, int64_t{0}) / (2 * new_size);
        int64_t sum = 0;
        for (int64_t k = 0; k < static_cast<int64_t>(most); ++k) {
            const int64_t share = reach - std::abs((2 * (start + k) + 1) * new_size - center);
            shares[k] = start + k < old_size ? std::max(share, int64_t{0}) : 0;
            sum += shares[k];
            if (shares[k]) count[i] = static_cast<size_t>(k) + 1;
        }
        first[i] = static_cast<size_t>(start);
        for (size_t k = 0; k < most; ++k)
            weights[i * most + k] = static_cast<float>(static_cast<double>(shares[k]) / static_cast<double>(sum));
    }
}

}  // namespace headrace
