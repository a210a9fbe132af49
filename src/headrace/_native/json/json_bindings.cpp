#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "bindings/bindings.hpp"
#include "bindings/capsule.hpp"
#include "bindings/ndarray.hpp"
#include "columns/export_array.hpp"
#include "json/columns.hpp"
#include "json/survey.hpp"
#include "json/writer.hpp"

namespace headrace {

namespace {

Span to_span(const Input<uint8_t>& data) { return {data.data(), data.data() + data.shape(0)}; }

nb::bytes to_bytes(std::string_view text) { return nb::bytes(text.data(), text.size()); }

// None, or (fault, line, place in the line, names from the outermost on, what is there, its key).
template <typename Result>
nb::object to_python(const Result& result) {
    constexpr ptrdiff_t kShown = 60;
    const auto& failure = result.failure;
    if (failure.fault == JsonFault::kNone) return nb::none();
    nb::list path;
    for (const auto* node = failure.node; node && node->parent; node = node->parent)
        if (!node->item) path.insert(0, to_bytes(node->name));
    const std::string_view found = Span{failure.at, failure.at + std::min(failure.end - failure.at, kShown)}.text();
    return nb::make_tuple(failure.fault, result.line, failure.at - result.line_start, path, to_bytes(found),
                          to_bytes(failure.key));
}

nb::object append_to_survey(JsonSurvey& survey, Input<uint8_t> data, int64_t line) {
    JsonSurvey::Result result;
    {
        nb::gil_scoped_release release;
        result = survey.append(to_span(data), line);
    }
    return to_python(result);
}

// For each node its parent's number, its name or None for an item, the first line of each kind, and the lengths of lists.
nb::list nodes(const JsonSurvey& survey) {
    nb::list all;
    for (const JsonSurvey::Node& node : survey.nodes()) {
        nb::list first;
        for (const int64_t line : node.first) first.append(line);
        all.append(nb::make_tuple(node.parent ? node.parent->number : -1, node.item ? nb::none() : nb::object(to_bytes(node.name)),
                                  first, node.shortest, node.longest));
    }
    return all;
}

JsonField to_field(nb::handle given) {
    const auto t = nb::cast<nb::tuple>(given);
    if (t.size() != 7) raise_value_error("expected a field (name, layout, size, lowest, highest, strict, children)");
    const auto name = nb::cast<nb::bytes>(t[0]);
    JsonField field{std::string(name.c_str(), name.size()), nb::cast<JsonLayout>(t[1]), nb::cast<int64_t>(t[2]),
                    nb::cast<int64_t>(t[3]), nb::cast<int64_t>(t[4]), nb::cast<bool>(t[5]), {}};
    for (nb::handle child : nb::cast<nb::list>(t[6])) field.children.push_back(to_field(child));
    const bool list = field.layout == JsonLayout::kList || field.layout == JsonLayout::kFixed;
    if (list && field.children.size() != 1) raise_value_error("expected one child of a list");
    if (!list && field.layout != JsonLayout::kObject && !field.children.empty()) raise_value_error("expected no children");
    if (field.size < 0) raise_value_error("expected a size of at least 0");
    return field;
}

void construct(JsonColumns* self, nb::list fields, bool strict) {
    std::vector<JsonField> given;
    for (nb::handle field : fields) given.push_back(to_field(field));
    new (self) JsonColumns(given, strict);
}

nb::tuple append_to_columns(JsonColumns& columns, Input<uint8_t> data, int64_t max_rows) {
    JsonColumns::Result result;
    {
        nb::gil_scoped_release release;
        result = columns.append(to_span(data), max_rows);
    }
    return nb::make_tuple(result.consumed, result.line, to_python(result));
}

nb::object finish(JsonColumns& columns, nb::callable import_batch, nb::handle schema) {
    ArrowArray batch{};
    export_array(columns.finish(), batch);
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

// (offsets, data, names of the fields of an infinite value or None)
nb::tuple write_json_numpy(nb::handle schema, nb::handle array, nb::bytes end) {
    const auto& type = from_capsule<ArrowSchema>(schema, "arrow_schema");
    const auto& values = from_capsule<ArrowArray>(array, "arrow_array");
    JsonTexts texts;
    {
        nb::gil_scoped_release release;
        texts = write_json(type, values, {end.c_str(), end.size()});
    }
    nb::object failure = nb::none();
    if (texts.failed) {
        nb::list names;
        for (const std::string& name : texts.names) names.append(to_bytes(name));
        failure = names;
    }
    return nb::make_tuple(to_numpy(std::move(texts.offsets)), to_numpy(std::move(texts.data)), failure);
}

void bind_json_enums(nb::module_& m) {
    nb::enum_<JsonFault>(m, "JsonFault", nb::is_arithmetic())
        .value("NONE", JsonFault::kNone)
        .value("SYNTAX", JsonFault::kSyntax)
        .value("END", JsonFault::kEnd)
        .value("DEPTH", JsonFault::kDepth)
        .value("UTF8", JsonFault::kUtf8)
        .value("CONTROL", JsonFault::kControl)
        .value("ESCAPE", JsonFault::kEscape)
        .value("SURROGATE", JsonFault::kSurrogate)
        .value("TRAILING", JsonFault::kTrailing)
        .value("OBJECT", JsonFault::kObject)
        .value("REPEATED", JsonFault::kRepeated)
        .value("TYPE", JsonFault::kType)
        .value("RANGE", JsonFault::kRange)
        .value("FLOAT", JsonFault::kFloat)
        .value("BASE64", JsonFault::kBase64)
        .value("LENGTH", JsonFault::kLength)
        .value("NAMES", JsonFault::kNames)
        .value("OVERFLOW", JsonFault::kOverflow)
        .value("UNKNOWN", JsonFault::kUnknown);
    nb::enum_<JsonLayout>(m, "JsonLayout", nb::is_arithmetic())
        .value("BOOL", JsonLayout::kBool)
        .value("INT64", JsonLayout::kInt64)
        .value("UINT64", JsonLayout::kUint64)
        .value("FLOAT32", JsonLayout::kFloat32)
        .value("FLOAT64", JsonLayout::kFloat64)
        .value("TEXT", JsonLayout::kText)
        .value("BYTES", JsonLayout::kBytes)
        .value("LIST", JsonLayout::kList)
        .value("FIXED", JsonLayout::kFixed)
        .value("OBJECT", JsonLayout::kObject);
    nb::enum_<JsonKind>(m, "JsonKind", nb::is_arithmetic())
        .value("NULL", JsonKind::kNull)
        .value("BOOL", JsonKind::kBool)
        .value("INT64", JsonKind::kInt64)
        .value("UINT64", JsonKind::kUint64)
        .value("LARGE", JsonKind::kLarge)
        .value("FLOAT", JsonKind::kFloat)
        .value("STRING", JsonKind::kString)
        .value("LIST", JsonKind::kList)
        .value("OBJECT", JsonKind::kObject)
        .value("NEGATIVE", JsonKind::kNegative)
        .value("INEXACT", JsonKind::kInexact);
}

}  // namespace

void bind_json(nb::module_& m) {
    bind_json_enums(m);
    m.def("write_json", &write_json_numpy, nb::arg("schema"), nb::arg("array"), nb::arg("end"));
    nb::class_<JsonSurvey>(m, "JsonSurvey")
        .def(nb::init<int64_t>(), nb::arg("max_names"))
        .def("append", &append_to_survey, nb::arg("data"), nb::arg("line"))
        .def("nodes", &nodes)
        .def_prop_ro("rows", &JsonSurvey::rows)
        .def_prop_ro("values", &JsonSurvey::values);
    nb::class_<JsonColumns>(m, "JsonColumns")
        .def("__init__", &construct, nb::arg("fields"), nb::arg("strict"))
        .def("append", &append_to_columns, nb::arg("data"), nb::arg("max_rows"))
        .def("finish", &finish, nb::arg("import_batch"), nb::arg("schema"))
        .def("lines", [](JsonColumns& columns) { return to_numpy(std::move(columns.lines())); })
        .def_prop_ro("rows", &JsonColumns::rows);
}

}  // namespace headrace
