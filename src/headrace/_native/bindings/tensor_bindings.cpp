#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "records/tensor_proto.hpp"

namespace headrace {

namespace {

nb::list to_python(const std::vector<Span>& strings) {
    nb::list all;
    for (const Span& string : strings) all.append(nb::bytes(string.at, string.size()));
    return all;
}

// (fault, found, expected, type, shape, values)
nb::tuple read_tensor_numpy(Input<uint8_t> data, uint64_t fill_limit) {
    Tensor tensor;
    {
        nb::gil_scoped_release release;
        tensor = read_tensor({data.data(), data.data() + data.shape(0)}, fill_limit);
    }
    nb::list shape;
    for (const int64_t size : tensor.shape) shape.append(size);
    const bool failed = tensor.fault != TensorFault::kNone;
    nb::object values = nb::none();
    if (!failed && tensor.type == kStringType) values = to_python(tensor.strings);
    if (!failed && tensor.type != kStringType) values = nb::cast(to_numpy(std::move(tensor.numbers)));
    return nb::make_tuple(tensor.fault, tensor.found, tensor.expected, tensor.type, nb::tuple(shape),
                          values);
}

}  // namespace

void bind_tensor(nb::module_& m) {
    m.def("read_tensor", &read_tensor_numpy, nb::arg("data"), nb::arg("fill_limit"));
}

}  // namespace headrace
