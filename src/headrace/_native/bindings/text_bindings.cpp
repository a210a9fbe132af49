#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "bindings/string_arguments.hpp"
#include "text/text.hpp"

namespace headrace {

namespace {

const uint16_t* to_table(const Input<uint16_t>& table) {
    check_size(table, 256, "table");
    return table.data();
}

nb::tuple map_bytes_numpy(Input<int32_t> offsets, Input<uint8_t> data, Input<uint16_t> table) {
    OwnedStrings mapped;
    {
        nb::gil_scoped_release release;
        mapped = map_bytes(to_strings(offsets, data), to_table(table));
    }
    return nb::make_tuple(to_numpy(std::move(mapped.offsets)), to_numpy(std::move(mapped.data)));
}

nb::tuple cut_bytes_numpy(Input<int32_t> offsets, Input<uint8_t> data, Input<uint16_t> table) {
    Tokens tokens;
    {
        nb::gil_scoped_release release;
        tokens = cut_bytes(to_strings(offsets, data), to_table(table));
    }
    return nb::make_tuple(to_numpy(std::move(tokens.strings.offsets)), to_numpy(std::move(tokens.strings.data)),
                          to_numpy(std::move(tokens.row_splits)));
}

nb::object decode_texts_numpy(Input<int32_t> offsets, Input<uint8_t> data) {
    OwnedStrings decoded;
    bool plain;
    {
        nb::gil_scoped_release release;
        const Strings strings = to_strings(offsets, data);
        plain = are_plain_utf8(strings);
        if (!plain) decoded = decode_texts(strings);
    }
    if (plain) return nb::none();
    return nb::make_tuple(to_numpy(std::move(decoded.offsets)), to_numpy(std::move(decoded.data)));
}

Output<uint32_t> murmur3_32_numpy(Input<int32_t> offsets, Input<uint8_t> data, uint32_t seed) {
    Buffer<uint32_t> hashes;
    {
        nb::gil_scoped_release release;
        const Strings strings = to_strings(offsets, data);
        murmur3_32(strings, seed, hashes.extend(strings.count));
    }
    return to_numpy(std::move(hashes));
}

}  // namespace

void bind_text(nb::module_& m) {
    m.def("cut_bytes", &cut_bytes_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("table"));
    m.def("decode_texts", &decode_texts_numpy, nb::arg("offsets"), nb::arg("data"));
    m.def("map_bytes", &map_bytes_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("table"));
    m.def("murmur3_32", &murmur3_32_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("seed"));
}

}  // namespace headrace
