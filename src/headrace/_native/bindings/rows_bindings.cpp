#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <tuple>

#include "bindings/bindings.hpp"
#include "bindings/capsule.hpp"
#include "bindings/ndarray.hpp"
#include "columns/export_array.hpp"
#include "columns/permutation.hpp"
#include "columns/row_chunks.hpp"

namespace headrace {

namespace {

constexpr double kMinReleased = 64 << 10;  // bytes; a shorter copy takes less time than waiting for the GIL may

void create(RowChunks* self, nb::handle schema, nb::list batches) {
    RowChunks chunks(from_capsule<ArrowSchema>(schema, "arrow_schema"));
    for (nb::handle given : batches) {
        const auto [batch, sizes] = nb::cast<std::pair<nb::object, std::vector<std::vector<int64_t>>>>(given);
        chunks.add(from_capsule<ArrowArray>(batch, "arrow_array"), sizes);
    }
    new (self) RowChunks(std::move(chunks));
}

nb::object take(const RowChunks& self, Input<int64_t> rows, nb::callable import_batch, nb::handle schema) {
    ArrowArray batch{};
    {
        std::optional<nb::gil_scoped_release> release;
        if (self.row_bytes() * static_cast<double>(rows.shape(0)) >= kMinReleased) release.emplace();
        export_array(self.take({rows.data(), rows.shape(0)}), batch);
    }
    // Importing moves the batch and clears `release`.
    const auto release_batch = [&] {
        if (batch.release) batch.release(&batch);
    };
    try {
        nb::object imported = import_batch(reinterpret_cast<uintptr_t>(&batch), schema);
        release_batch();
        return imported;
    } catch (...) {
        release_batch();
        throw;
    }
}

std::tuple<Output<uint8_t>, Output<int64_t>, int64_t> take_padded(const RowChunks& self, size_t column, Input<int64_t> rows,
                                                                  int64_t length, int64_t multiple_of, Input<uint8_t> fill) {
    PaddedLists found;
    {
        std::optional<nb::gil_scoped_release> release;
        if (self.row_bytes() * static_cast<double>(rows.shape(0)) >= kMinReleased) release.emplace();
        found = self.take_padded(column, {rows.data(), rows.shape(0)}, length, multiple_of, {fill.data(), fill.shape(0)});
    }
    return {to_numpy(std::move(found.values)), to_numpy(std::move(found.counts)), found.length};
}

Output<int64_t> permute_numpy(Input<int64_t> positions, int64_t size, Input<uint64_t> keys) {
    Buffer<int64_t> out;
    {
        nb::gil_scoped_release release;
        const size_t count = positions.shape(0);
        permute({positions.data(), count}, size, {keys.data(), keys.shape(0)}, out.extend(count));
    }
    return to_numpy(std::move(out));
}

}  // namespace

void bind_rows(nb::module_& m) {
    m.def("permute", &permute_numpy, nb::arg("positions").noconvert(), nb::arg("size"), nb::arg("keys").noconvert());
    nb::class_<RowChunks>(m, "RowChunks")
        .def("__init__", &create, nb::arg("schema"), nb::arg("batches"))
        .def_prop_ro("num_rows", &RowChunks::rows)
        .def_prop_ro("row_bytes", &RowChunks::row_bytes)
        .def_prop_ro("supported", &RowChunks::supported)
        .def("take", &take, nb::arg("rows").noconvert(), nb::arg("import_batch"), nb::arg("schema").none())
        .def("take_padded", &take_padded, nb::arg("column"), nb::arg("rows").noconvert(), nb::arg("length"),
             nb::arg("multiple_of"), nb::arg("fill").noconvert());
}

}  // namespace headrace
