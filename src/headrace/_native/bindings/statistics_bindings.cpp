#include <nanobind/stl/optional.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "statistics/statistics.hpp"

namespace headrace {

namespace {

using Values = nb::ndarray<nb::ro, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Optional = std::optional<Input<T>>;
using Table = Output<double>;

Groups to_groups(const Optional<int32_t>& codes, size_t count, size_t rows) {
    if (!codes) return {nullptr, 1};
    check_size(*codes, rows, "codes");
    const int32_t* data = codes->data();
    for (size_t row = 0; row < rows; ++row)
        if (data[row] < 0 || static_cast<size_t>(data[row]) >= count)
            raise_value_error("codes: expected 0 to " + std::to_string(static_cast<int64_t>(count) - 1) + ", got " +
                              std::to_string(data[row]));
    return {data, count};
}

// Calls `add` with a pointer of the values' type.
template <typename F>
void with_type(const Values& values, F&& add) {
    const nb::dlpack::dtype type = values.dtype();
    const void* data = values.data();
    if (type == nb::dtype<bool>()) return add(static_cast<const bool*>(data));
    if (type == nb::dtype<int8_t>()) return add(static_cast<const int8_t*>(data));
    if (type == nb::dtype<int16_t>()) return add(static_cast<const int16_t*>(data));
    if (type == nb::dtype<int32_t>()) return add(static_cast<const int32_t*>(data));
    if (type == nb::dtype<int64_t>()) return add(static_cast<const int64_t*>(data));
    if (type == nb::dtype<uint8_t>()) return add(static_cast<const uint8_t*>(data));
    if (type == nb::dtype<uint16_t>()) return add(static_cast<const uint16_t*>(data));
    if (type == nb::dtype<uint32_t>()) return add(static_cast<const uint32_t*>(data));
    if (type == nb::dtype<uint64_t>()) return add(static_cast<const uint64_t*>(data));
    if (type == nb::dtype<float>()) return add(static_cast<const float*>(data));
    if (type == nb::dtype<double>()) return add(static_cast<const double*>(data));
    throw nb::type_error("values: expected booleans, integers, float32 or float64");
}

// Returns a flat table [groups, width, fields]: initialised with `start`, then updated by `fill(data, rows, width, ...)`.
template <size_t kFields, typename Fill>
Table reduce(const Values& values, const Optional<int32_t>& codes, size_t count, const Optional<double>& weights,
             const double (&start)[kFields], Fill&& fill) {
    const size_t rows = values.shape(0), width = values.shape(1);
    if (weights) check_size(*weights, rows, "weights");
    const double* weight = weights ? weights->data() : nullptr;
    Buffer<double> out;
    size_t groups = 0;
    {
        nb::gil_scoped_release release;
        const Groups checked_groups = to_groups(codes, count, rows);
        groups = checked_groups.count;
        double* at = out.extend(groups * width * kFields);
        for (size_t i = 0; i < groups * width; ++i) std::copy(start, start + kFields, at + i * kFields);
        with_type(values, [&](const auto* data) { fill(data, rows, width, checked_groups, weight, at); });
    }
    return to_numpy(std::move(out));
}

Table moments_numpy(Values values, Optional<int32_t> codes, size_t groups, Optional<double> weights) {
    static constexpr double kStart[kMomentFields] = {};
    return reduce(values, codes, groups, weights, kStart,
                  [](const auto* data, auto... rest) { add_moments(data, rest...); });
}

using States = nb::ndarray<nb::ndim<3>, nb::c_contig, nb::device::cpu, double>;
using ReadStates = nb::ndarray<nb::ro, nb::ndim<3>, nb::c_contig, nb::device::cpu, double>;

void merge_moments_numpy(States out, ReadStates states, Input<int64_t> places) {
    nb::gil_scoped_release release;
    const size_t groups = out.shape(0), width = out.shape(1), stride = out.shape(2), rows = states.shape(0);
    if (states.shape(1) != width || states.shape(2) != stride || stride < kMomentFields)
        raise_value_error("states: expected the shape of out after the first axis, of at least 7 fields");
    check_size(places, rows, "places");
    const int64_t* data = places.data();
    for (size_t row = 0; row < rows; ++row)
        if (data[row] < 0 || static_cast<size_t>(data[row]) >= groups)
            raise_value_error("places: expected 0 to " + std::to_string(static_cast<int64_t>(groups) - 1) + ", got " +
                              std::to_string(data[row]));
    merge_moments(states.data(), rows, width, stride, data, out.data());
}

Table extrema_numpy(Values values, Optional<int32_t> codes, size_t groups, Optional<double> weights) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    static constexpr double kStart[kExtremaFields] = {kInfinity, -kInfinity};
    return reduce(values, codes, groups, weights, kStart,
                  [](const auto* data, auto... rest) { add_extrema(data, rest...); });
}

}  // namespace

void bind_statistics(nb::module_& m) {
    m.def("moments", &moments_numpy, nb::arg("values"), nb::arg("codes").none() = nb::none(), nb::arg("groups") = 1,
          nb::arg("weights").none() = nb::none());
    m.def("merge_moments", &merge_moments_numpy, nb::arg("out").noconvert(), nb::arg("states"), nb::arg("places"));
    m.def("extrema", &extrema_numpy, nb::arg("values"), nb::arg("codes").none() = nb::none(), nb::arg("groups") = 1,
          nb::arg("weights").none() = nb::none());
}

}  // namespace headrace
