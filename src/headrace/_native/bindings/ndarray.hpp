// NumPy arrays as arguments and results of the kernels.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>

#include "bytes/buffer.hpp"

namespace headrace {

namespace nb = nanobind;

template <typename T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <typename T>
using Output = nb::ndarray<nb::numpy, T, nb::ndim<1>>;

// Transfers the buffer's memory to a NumPy array.
template <typename T>
Output<T> to_numpy(Buffer<T>&& buffer) {
    const size_t size = buffer.size();
    T* data = buffer.release();
    nb::capsule owner(data, [](void* p) noexcept { free_block(p); });
    return Output<T>(data, {size}, owner);
}

// Raises ValueError in Python. Kernels throw std::invalid_argument instead, which nanobind maps to the same.
[[noreturn]] inline void raise_value_error(const std::string& message) { throw nb::value_error(message.c_str()); }

// Raises ValueError unless the array `name` has `expected` elements.
template <typename T>
void check_size(const Input<T>& array, size_t expected, const char* name) {
    if (array.shape(0) == expected) return;
    raise_value_error(std::string(name) + ": expected " + std::to_string(expected) + " elements, got " +
                      std::to_string(array.shape(0)));
}

// Raises ValueError unless the offsets ascend from at least 0 to at most `limit`, and there is at least one.
template <typename T>
void check_offsets(const Input<T>& offsets, size_t limit, const char* name) {
    const size_t size = offsets.shape(0);
    const T* data = offsets.data();
    if (size == 0) raise_value_error(std::string(name) + ": expected at least one offset, got none");
    if (data[0] < 0) raise_value_error(std::string(name) + ": expected a first offset of at least 0, got " + std::to_string(data[0]));
    for (size_t i = 1; i < size; ++i)
        if (data[i] < data[i - 1])
            raise_value_error(std::string(name) + ": expected ascending offsets, got " + std::to_string(data[i]) + " after " +
                              std::to_string(data[i - 1]));
    if (static_cast<uint64_t>(data[size - 1]) > limit)
        raise_value_error(std::string(name) + ": expected a last offset of at most " + std::to_string(limit) + ", got " +
                          std::to_string(data[size - 1]));
}

}  // namespace headrace
