#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "bindings/string_arguments.hpp"
#include "text/csv_cells.hpp"
#include "text/csv_records.hpp"
#include "text/dates.hpp"
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

template <typename Offset>
bool are_utf8_numpy(Input<Offset> offsets, Input<uint8_t> data) {
    const size_t size = offsets.shape(0);
    if (size == 0) return true;
    check_offsets(offsets, data.shape(0), "offsets");
    nb::gil_scoped_release release;
    return are_utf8(offsets.data(), size - 1, data.data());
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

Output<int64_t> parse_dates_numpy(Input<int32_t> offsets, Input<uint8_t> data, Input<uint8_t> steps) {
    if (steps.shape(0) % 3) raise_value_error("steps: expected three elements for each step");
    std::vector<DateStep> parsed;
    for (size_t i = 0; i < steps.shape(0); i += 3) parsed.push_back({steps.data()[i], steps.data()[i + 1], steps.data()[i + 2]});
    Buffer<int64_t> dates;
    {
        nb::gil_scoped_release release;
        const Strings strings = to_strings(offsets, data);
        parse_dates(strings, parsed.data(), parsed.size(), dates.extend(strings.count));
    }
    return to_numpy(std::move(dates));
}

using Kinds = nb::ndarray<uint16_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

Span to_span(const nb::bytes& data) {
    const auto* at = reinterpret_cast<const uint8_t*>(data.c_str());
    return {at, at + data.size()};
}

CsvScan scan(nb::bytes data, uint8_t delimiter, size_t columns, bool final, size_t max_records, Input<uint16_t> allowed,
             Kinds seen) {
    CsvRules rules{delimiter, columns};
    if (allowed.shape(0)) {
        check_size(allowed, columns, "allowed");
        rules.allowed = allowed.data();
    }
    if (seen.shape(0)) {
        if (seen.shape(0) != columns) raise_value_error("seen: expected one element for each column");
        rules.seen = seen.data();
    }
    const Span bytes = to_span(data);
    nb::gil_scoped_release release;
    return scan_csv(bytes, rules, final, max_records);
}

nb::list split(nb::bytes data, uint8_t delimiter) {
    nb::list fields;
    for (const CsvField& field : split_csv_record(to_span(data), delimiter))
        fields.append(nb::make_tuple(nb::bytes(field.text.data(), field.text.size()), field.quoted));
    return fields;
}

nb::list cut_columns(nb::bytes data, uint8_t delimiter, size_t columns, size_t width) {
    if (!columns || !width) raise_value_error("columns, width: expected at least 1");
    std::vector<std::string> parts;
    const Span bytes = to_span(data);
    {
        nb::gil_scoped_release release;
        parts = cut_csv_columns(bytes, delimiter, columns, width);
    }
    nb::list texts;
    for (std::string& part : parts) {
        texts.append(nb::bytes(part.data(), part.size()));
        part = {};
    }
    return texts;
}

}  // namespace

void bind_text(nb::module_& m) {
    nb::class_<CsvScan>(m, "CsvScan")
        .def_ro("end", &CsvScan::end)
        .def_ro("records", &CsvScan::records)
        .def_ro("lines", &CsvScan::lines)
        .def_ro("fields", &CsvScan::fields)
        .def_ro("line", &CsvScan::line)
        .def_ro("fault", &CsvScan::fault)
        .def_ro("column", &CsvScan::column)
        .def_ro("start", &CsvScan::from)
        .def_ro("stop", &CsvScan::to);
    m.def("scan_csv", &scan, nb::arg("data"), nb::arg("delimiter"), nb::arg("columns"), nb::arg("final"),
          nb::arg("max_records"), nb::arg("allowed"), nb::arg("seen"));
    m.def("split_csv_record", &split, nb::arg("data"), nb::arg("delimiter"));
    m.def("cut_csv_columns", &cut_columns, nb::arg("data"), nb::arg("delimiter"), nb::arg("columns"), nb::arg("width"));
    m.def("classify_cell", [](nb::bytes cell) { return classify_cell(to_span(cell)); }, nb::arg("cell"));
    m.def("are_utf8", &are_utf8_numpy<int32_t>, nb::arg("offsets"), nb::arg("data"));
    m.def("are_utf8", &are_utf8_numpy<int64_t>, nb::arg("offsets"), nb::arg("data"));
    m.def("cut_bytes", &cut_bytes_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("table"));
    m.def("map_bytes", &map_bytes_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("table"));
    m.def("murmur3_32", &murmur3_32_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("seed"));
    m.def("parse_dates", &parse_dates_numpy, nb::arg("offsets"), nb::arg("data"), nb::arg("steps"));
}

}  // namespace headrace
