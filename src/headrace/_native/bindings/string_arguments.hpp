// Columns of strings as they come from Python, checked before anything is read.
#pragma once

#include "bindings/ndarray.hpp"
#include "text/text.hpp"

namespace headrace {

inline Strings checked(const Input<int32_t>& offsets, const Input<uint8_t>& data) {
    const size_t size = offsets.shape(0);
    if (size == 0) return {nullptr, 0, data.data()};
    const int32_t* at = offsets.data();
    if (at[0] < 0) throw nb::value_error("offsets start below 0");
    for (size_t i = 1; i < size; ++i)
        if (at[i] < at[i - 1]) throw nb::value_error("offsets fall");
    if (static_cast<size_t>(at[size - 1]) > data.shape(0)) throw nb::value_error("offsets pass the end of data");
    return {at, size - 1, data.data()};
}

// Where lists begin and end among `count` values; the number of lists.
inline size_t checked_splits(const Input<int64_t>& splits, size_t count) {
    const size_t size = splits.shape(0);
    const int64_t* at = splits.data();
    if (size == 0 || at[0] < 0 || at[size - 1] < 0 || static_cast<size_t>(at[size - 1]) > count)
        throw nb::value_error("splits leave the values");
    for (size_t i = 1; i < size; ++i)
        if (at[i] < at[i - 1]) throw nb::value_error("splits fall");
    return size - 1;
}

}  // namespace headrace
