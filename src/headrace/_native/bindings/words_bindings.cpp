#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "bindings/string_arguments.hpp"
#include "text/string_order.hpp"
#include "text/words.hpp"

namespace headrace {

namespace {

using Offsets = Input<int32_t>;
using Bytes = Input<uint8_t>;
using Numbers = Input<int64_t>;

template <typename T>
Output<T> copied(const T* data, size_t size) {
    Buffer<T> buffer;
    buffer.append(data, size);
    return to_numpy(std::move(buffer));
}

Output<int64_t> find(const WordIndex& index, Offsets offsets, Bytes data) {
    Buffer<int64_t> places;
    {
        nb::gil_scoped_release release;
        const Strings strings = checked(offsets, data);
        index.find(strings, places.extend(strings.count));
    }
    return to_numpy(std::move(places));
}

void add_in_rows(WordCounts& counts, Offsets offsets, Bytes data, Numbers splits) {
    nb::gil_scoped_release release;
    const Strings strings = checked(offsets, data);
    const size_t rows = checked_splits(splits, strings.count);
    counts.add_in_rows(strings, splits.data(), rows);
}

void add_counted(WordCounts& counts, Offsets offsets, Bytes data, Numbers each, Numbers rows) {
    nb::gil_scoped_release release;
    const Strings words = checked(offsets, data);
    if (each.shape(0) != words.count || rows.shape(0) != words.count) throw nb::value_error("counts: one a word");
    counts.add_counted(words, each.data(), rows.data());
}

void merge(WordCounts& counts, const WordCounts& other) {
    nb::gil_scoped_release release;
    counts.merge(other);
}

// The words' ends in their bytes, those bytes, and counts.
nb::tuple table(const WordCounts& counts) {
    const WordTable& words = counts.table();
    return nb::make_tuple(copied(words.ends().data(), words.size()), copied(words.data().data(), words.bytes()),
                          copied(counts.counts().data(), words.size()), copied(counts.rows().data(), words.size()));
}

Output<int64_t> order_numpy(Offsets offsets, Bytes data) {
    Buffer<int64_t> order;
    {
        nb::gil_scoped_release release;
        const std::vector<int64_t> numbers = order_of(checked(offsets, data));
        order.append(numbers.data(), numbers.size());
    }
    return to_numpy(std::move(order));
}

}  // namespace

void bind_words(nb::module_& m) {
    m.def("order_of", &order_numpy, nb::arg("offsets"), nb::arg("data"));
    nb::class_<WordIndex>(m, "WordIndex")
        .def("__init__",
             [](WordIndex* self, Offsets offsets, Bytes data) { new (self) WordIndex(checked(offsets, data)); },
             nb::arg("offsets"), nb::arg("data"))
        .def("find", &find, nb::arg("offsets"), nb::arg("data"));
    nb::class_<WordCounts>(m, "WordCounts")
        .def(nb::init<>())
        .def("__len__", &WordCounts::size)
        .def_prop_ro("bytes", [](const WordCounts& counts) { return counts.table().bytes(); })
        .def("add",
             [](WordCounts& counts, Offsets offsets, Bytes data) {
                 nb::gil_scoped_release release;
                 counts.add(checked(offsets, data));
             },
             nb::arg("offsets"), nb::arg("data"))
        .def("add_in_rows", &add_in_rows, nb::arg("offsets"), nb::arg("data"), nb::arg("splits"))
        .def("add_counted", &add_counted, nb::arg("offsets"), nb::arg("data"), nb::arg("counts"), nb::arg("rows"))
        .def("merge", &merge, nb::arg("other"))
        .def("table", &table);
}

}  // namespace headrace
