#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/column_bindings.hpp"
#include "records/example_encoder.hpp"
#include "records/example_parser.hpp"
#include "records/example_survey.hpp"

namespace headrace {

namespace {

void construct_parser(ExampleParser* self, nb::list features) { new (self) ExampleParser(to_specs(features)); }

nb::list finish(ExampleParser& parser) {
    nb::list columns;
    for (ColumnBuilder& column : parser.columns()) columns.append(release_column(column, parser.rows()));
    return columns;
}

nb::list summaries(const ExampleSurvey& survey) {
    nb::list all;
    for (const FeatureSummary& feature : survey.features()) all.append(to_python(feature));
    return all;
}

nb::tuple encode(nb::list columns, int64_t rows, int64_t first, int64_t step) {
    const std::vector<ColumnArgument> given = to_columns(columns, rows);
    const std::vector<ColumnView> views = to_views(given);
    return encode_rows(rows, first, step, [&](FramedRecords& framed) {
        return encode_examples(views, first, rows, step, framed);
    });
}

}  // namespace

void bind_example(nb::module_& m) {
    nb::class_<ExampleParser>(m, "ExampleParser")
        .def("__init__", &construct_parser, nb::arg("features"))
        .def("reserve", &ExampleParser::reserve, nb::arg("records"), nb::arg("bytes"))
        .def("append", &append<ExampleParser>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("append_unverified", &append_unverified<ExampleParser>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("append_local", &append_local<ExampleParser>, nb::arg("records"), nb::arg("max_records"), nb::arg("stop"))
        .def("append_selected", &append_selected<ExampleParser>, nb::arg("files"), nb::arg("offsets"), nb::arg("lengths"))
        .def("finish", &finish)
        .def_prop_ro("rows", &ExampleParser::rows);
    nb::class_<ExampleSurvey>(m, "ExampleSurvey")
        .def(nb::init<>())
        .def("append", &append<ExampleSurvey>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("features", &summaries)
        .def_prop_ro("rows", &ExampleSurvey::rows);
    m.def("encode_examples", &encode, nb::arg("columns"), nb::arg("rows"), nb::arg("first"), nb::arg("step"));
}

}  // namespace headrace
