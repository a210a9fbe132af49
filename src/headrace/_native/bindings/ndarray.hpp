// NumPy arrays in and out of the kernels.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "bytes/buffer.hpp"

namespace headrace {

namespace nb = nanobind;

template <typename T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <typename T>
using Output = nb::ndarray<nb::numpy, T, nb::ndim<1>>;

// The buffer's memory as a NumPy array that owns it.
template <typename T>
Output<T> to_numpy(Buffer<T>&& buffer) {
    const size_t size = buffer.size();
    T* data = buffer.release();
    nb::capsule owner(data, [](void* p) noexcept { give_back(p); });
    return Output<T>(data, {size}, owner);
}

}  // namespace headrace
