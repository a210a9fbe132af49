#include "bindings/bindings.hpp"
#include "statistics/buckets.hpp"
#include "bindings/ndarray.hpp"

namespace headrace {

namespace {

template <typename T>
Output<int64_t> buckets_numpy(Input<T> values, Input<T> edges) {
    Buffer<int64_t> out;
    {
        nb::gil_scoped_release release;
        const size_t count = values.shape(0);
        find_buckets(values.data(), count, edges.data(), edges.shape(0), out.extend(count));
    }
    return to_numpy(std::move(out));
}

}  // namespace

void bind_buckets(nb::module_& m) {
    m.def("find_buckets", &buckets_numpy<float>, nb::arg("values").noconvert(), nb::arg("edges").noconvert());
    m.def("find_buckets", &buckets_numpy<double>, nb::arg("values").noconvert(), nb::arg("edges").noconvert());
    m.def("find_buckets", &buckets_numpy<int64_t>, nb::arg("values").noconvert(), nb::arg("edges").noconvert());
}

}  // namespace headrace
