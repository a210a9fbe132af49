#include "bindings.hpp"
#include "numpy_bridge.hpp"
#include "text.hpp"

namespace headrace {

namespace {

Strings checked(const Input<int32_t>& offsets, const Input<uint8_t>& data) {
    const size_t size = offsets.shape(0);
    if (size == 0) return {nullptr, 0, data.data()};
    const int32_t* at = offsets.data();
    if (at[0] < 0) throw nb::value_error("offsets start below 0");
    for (size_t i = 1; i < size; ++i)
        if (at[i] < at[i - 1]) throw nb::value_error("offsets fall");
    if (static_cast<size_t>(at[size - 1]) > data.shape(0)) throw nb::value_error("offsets pass the end of data");
    return {at, size - 1, data.data()};
}

nb::tuple tokenize_numpy(Input<int32_t> offsets, Input<uint8_t> data, Input<uint8_t> token_bytes, bool lower_ascii) {
    if (token_bytes.shape(0) != 256) throw nb::value_error("token_bytes needs 256 entries");
    Tokens tokens;
    {
        nb::gil_scoped_release release;
        tokens = tokenize(checked(offsets, data), token_bytes.data(), lower_ascii);
    }
    return nb::make_tuple(to_numpy(std::move(tokens.data)), to_numpy(std::move(tokens.offsets)),
                          to_numpy(std::move(tokens.row_splits)));
}

Output<uint32_t> murmur3_32_numpy(Input<int32_t> offsets, Input<uint8_t> data, uint32_t seed) {
    Buffer<uint32_t> hashes;
    {
        nb::gil_scoped_release release;
        const Strings strings = checked(offsets, data);
        murmur3_32(strings, seed, hashes.extend(strings.count));
    }
    return to_numpy(std::move(hashes));
}

}  // namespace

void bind_text(nb::module_& m) {
    m.def("tokenize", &tokenize_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("token_bytes"),
          nb::arg("lower_ascii"));
    m.def("murmur3_32", &murmur3_32_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("seed"));
}

}  // namespace headrace
