#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "bindings/string_arguments.hpp"
#include "files/mapping_guard.hpp"
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

// A guard that keeps the mapped memory alive.
struct GuardedMapping {
    nb::object owner;
    MappingGuard guard;  // destroyed before the memory is unmapped
};

}  // namespace

void bind_files(nb::module_& m) {
    nb::class_<GuardedMapping>(m, "MappingGuard")
        .def("__init__",
             [](GuardedMapping* self, nb::object owner, uintptr_t start, size_t size) {
                 new (self) GuardedMapping{std::move(owner), {reinterpret_cast<const void*>(start), size}};
             },
             nb::arg("owner"), nb::arg("start"), nb::arg("size"))
        .def("arm", [](const GuardedMapping& mapping) { mapping.guard.arm(); })
        .def_prop_ro("is_broken", [](const GuardedMapping& mapping) { return mapping.guard.is_broken(); });
    m.def("read_files", &read_files_numpy, nb::arg("folder"), nb::arg("offsets"), nb::arg("names"), nb::arg("limit"),
          nb::arg("enough"));
}

}  // namespace headrace
