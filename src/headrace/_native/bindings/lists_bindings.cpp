#include <nanobind/stl/pair.h>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "columns/pack_lengths.hpp"
#include "columns/pad_lists.hpp"

namespace headrace {

namespace {

Output<uint8_t> pad_numpy(Input<uint8_t> values, Input<int64_t> splits, size_t length, Input<uint8_t> fill) {
    if (fill.shape(0) == 0) raise_value_error("fill: expected at least one byte, got none");
    check_offsets(splits, values.shape(0) / fill.shape(0), "splits");
    const size_t rows = splits.shape(0) - 1;
    const size_t row_bytes = length * fill.shape(0);
    if (length > (size_t{1} << 40) / fill.shape(0) || (rows && row_bytes > (size_t{1} << 46) / rows))
        raise_value_error("length: the rows do not fit into memory");
    Buffer<uint8_t> out;
    {
        nb::gil_scoped_release release;
        pad_lists(values.data(), {splits.data(), splits.shape(0)}, length, {fill.data(), fill.shape(0)},
                  out.extend(rows * row_bytes));
    }
    return to_numpy(std::move(out));
}

std::pair<Output<int64_t>, size_t> pack_numpy(Input<int64_t> lengths, size_t capacity) {
    Buffer<int64_t> bins;
    size_t count;
    {
        nb::gil_scoped_release release;
        count = pack_lengths({lengths.data(), lengths.shape(0)}, capacity, bins.extend(lengths.shape(0)));
    }
    return {to_numpy(std::move(bins)), count};
}

}  // namespace

void bind_lists(nb::module_& m) {
    m.def("pack_lengths", &pack_numpy, nb::arg("lengths").noconvert(), nb::arg("capacity"));
    m.def("pad_lists", &pad_numpy, nb::arg("values").noconvert(), nb::arg("splits").noconvert(), nb::arg("length"),
          nb::arg("fill").noconvert());
}

}  // namespace headrace
