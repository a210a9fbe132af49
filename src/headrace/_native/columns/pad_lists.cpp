#include "columns/pad_lists.hpp"

#include <algorithm>
#include <cstring>

namespace headrace {

namespace {

template <typename T>
void fill_values(uint8_t* out, size_t count, const uint8_t* fill) {
    T value;
    std::memcpy(&value, fill, sizeof(T));
    std::fill_n(reinterpret_cast<T*>(out), count, value);  // rows start at multiples of the value's size
}

void fill_values(uint8_t* out, size_t count, std::span<const uint8_t> fill) {
    switch (fill.size()) {
        case 1: return fill_values<uint8_t>(out, count, fill.data());
        case 2: return fill_values<uint16_t>(out, count, fill.data());
        case 4: return fill_values<uint32_t>(out, count, fill.data());
        case 8: return fill_values<uint64_t>(out, count, fill.data());
        default:
            for (size_t i = 0; i < count; ++i) std::memcpy(out + i * fill.size(), fill.data(), fill.size());
    }
}

}  // namespace

void pad_lists(const uint8_t* values, std::span<const int64_t> splits, size_t length, std::span<const uint8_t> fill,
               uint8_t* out) {
    const size_t width = fill.size();
    for (size_t i = 0; i + 1 < splits.size(); ++i, out += length * width) {
        const size_t copied = std::min(static_cast<size_t>(splits[i + 1] - splits[i]), length);
        if (copied) std::memcpy(out, values + static_cast<size_t>(splits[i]) * width, copied * width);
        fill_values(out + copied * width, length - copied, fill);
    }
}

}  // namespace headrace
