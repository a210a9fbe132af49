// Columns of strings as arguments from Python.
#pragma once

#include "bindings/ndarray.hpp"
#include "text/text.hpp"

namespace headrace {

// Checks the offsets. An empty array of offsets means zero strings.
inline Strings to_strings(const Input<int32_t>& offsets, const Input<uint8_t>& data) {
    const size_t size = offsets.shape(0);
    if (size == 0) return {nullptr, 0, data.data()};
    check_offsets(offsets, data.shape(0), "offsets");
    return {offsets.data(), size - 1, data.data()};
}

}  // namespace headrace
