#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "bindings/string_arguments.hpp"
#include "files/read_files.hpp"

namespace headrace {

namespace {

nb::tuple read_files_numpy(nb::bytes folder, Input<int32_t> offsets, Input<uint8_t> names, size_t limit, size_t enough) {
    FileContents contents;
    {
        nb::gil_scoped_release release;
        contents = read_files(folder.c_str(), to_strings(offsets, names), limit, enough);
    }
    return nb::make_tuple(to_numpy(std::move(contents.offsets)), to_numpy(std::move(contents.data)), contents.fault,
                          contents.error);
}

}  // namespace

void bind_files(nb::module_& m) {
    m.def("read_files", &read_files_numpy, nb::arg("folder"), nb::arg("offsets"), nb::arg("names"), nb::arg("limit"),
          nb::arg("enough"));
}

}  // namespace headrace
