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
Output<T> copy_to_numpy(const T* data, size_t size) {
    Buffer<T> buffer;
    buffer.append(data, size);
    return to_numpy(std::move(buffer));
}

Output<int64_t> find(const WordIndex& index, Offsets offsets, Bytes data) {
    Buffer<int64_t> positions;
    {
        nb::gil_scoped_release release;
        const Strings strings = to_strings(offsets, data);
        index.find(strings, positions.extend(strings.count));
    }
    return to_numpy(std::move(positions));
}

Output<int32_t> add_words(WordNumbers& words, Offsets offsets, Bytes data) {
    Buffer<int32_t> numbers;
    {
        nb::gil_scoped_release release;
        const Strings strings = to_strings(offsets, data);
        words.add(strings, numbers.extend(strings.count));
    }
    return to_numpy(std::move(numbers));
}

Output<int64_t> merge_words(WordNumbers& words, const WordNumbers& other) {
    Buffer<int64_t> numbers;
    {
        nb::gil_scoped_release release;
        words.merge(other, numbers.extend(other.size()));
    }
    return to_numpy(std::move(numbers));
}

// (ends of the words in their bytes, bytes)
nb::tuple word_bytes(const WordNumbers& numbers) {
    const WordTable& words = numbers.table();
    return nb::make_tuple(copy_to_numpy(words.ends().data(), words.size()),
                          copy_to_numpy(words.data().data(), words.bytes()));
}

void add_in_rows(WordCounts& counts, Offsets offsets, Bytes data, Numbers splits) {
    nb::gil_scoped_release release;
    const Strings strings = to_strings(offsets, data);
    check_offsets(splits, strings.count, "splits");
    counts.add_in_rows(strings, splits.data(), splits.shape(0) - 1);
}

void add_counted(WordCounts& counts, Offsets offsets, Bytes data, Numbers word_counts, Numbers row_counts) {
    nb::gil_scoped_release release;
    const Strings words = to_strings(offsets, data);
    check_size(word_counts, words.count, "counts");
    check_size(row_counts, words.count, "rows");
    counts.add_counted(words, word_counts.data(), row_counts.data());
}

void merge(WordCounts& counts, const WordCounts& other) {
    nb::gil_scoped_release release;
    counts.merge(other);
}

// (ends of the words in their bytes, bytes, counts, counts of rows)
nb::tuple table(const WordCounts& counts) {
    const WordTable& words = counts.table();
    return nb::make_tuple(copy_to_numpy(words.ends().data(), words.size()), copy_to_numpy(words.data().data(), words.bytes()),
                          copy_to_numpy(counts.counts().data(), words.size()), copy_to_numpy(counts.rows().data(), words.size()));
}

Output<int64_t> argsort_numpy(Offsets offsets, Bytes data) {
    Buffer<int64_t> order;
    {
        nb::gil_scoped_release release;
        const std::vector<int64_t> indices = argsort_strings(to_strings(offsets, data));
        order.append(indices.data(), indices.size());
    }
    return to_numpy(std::move(order));
}

}  // namespace

void bind_words(nb::module_& m) {
    m.def("argsort_strings", &argsort_numpy, nb::arg("offsets"), nb::arg("data"));
    nb::class_<WordIndex>(m, "WordIndex")
        .def("__init__",
             [](WordIndex* self, Offsets offsets, Bytes data) { new (self) WordIndex(to_strings(offsets, data)); },
             nb::arg("offsets"), nb::arg("data"))
        .def("find", &find, nb::arg("offsets"), nb::arg("data"));
    nb::class_<WordNumbers>(m, "WordNumbers")
        .def(nb::init<>())
        .def("__len__", &WordNumbers::size)
        .def("add", &add_words, nb::arg("offsets"), nb::arg("data"))
        .def("merge", &merge_words, nb::arg("other"))
        .def("words", &word_bytes);
    nb::class_<WordCounts>(m, "WordCounts")
        .def(nb::init<>())
        .def("__len__", &WordCounts::size)
        .def_prop_ro("bytes", [](const WordCounts& counts) { return counts.table().bytes(); })
        .def("add",
             [](WordCounts& counts, Offsets offsets, Bytes data) {
                 nb::gil_scoped_release release;
                 counts.add(to_strings(offsets, data));
             },
             nb::arg("offsets"), nb::arg("data"))
        .def("add_in_rows", &add_in_rows, nb::arg("offsets"), nb::arg("data"), nb::arg("splits"))
        .def("add_counted", &add_counted, nb::arg("offsets"), nb::arg("data"), nb::arg("counts"), nb::arg("rows"))
        .def("merge", &merge, nb::arg("other"))
        .def("table", &table);
}

}  // namespace headrace
