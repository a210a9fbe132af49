#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/column_bindings.hpp"
#include "records/sequence_encoder.hpp"
#include "records/sequence_parser.hpp"
#include "records/sequence_survey.hpp"

namespace headrace {

namespace {

// From (step's feature, required).
FeatureListSpec to_list_spec(nb::handle given) {
    const auto t = nb::cast<nb::tuple>(given);
    if (t.size() != 2) raise_value_error("expected a feature list (step, required)");
    FeatureListSpec spec{to_spec(t[0]), nb::cast<bool>(t[1])};
    spec.step.required = true;
    return spec;
}

void construct_parser(SequenceParser* self, nb::list context, nb::list feature_lists) {
    std::vector<FeatureListSpec> lists;
    for (nb::handle list : feature_lists) lists.push_back(to_list_spec(list));
    new (self) SequenceParser(to_specs(context), std::move(lists));
}

// (column of steps, row_splits, validity or None)
nb::tuple release_list(FeatureListBuilder& list, int64_t rows) {
    nb::tuple steps = release_column(list.steps, list.count);
    return nb::make_tuple(steps, to_numpy(std::move(list.row_splits)), release_validity(list.validity, rows));
}

nb::tuple finish(SequenceParser& parser) {
    nb::list context, lists;
    for (ColumnBuilder& column : parser.context()) context.append(release_column(column, parser.rows()));
    for (FeatureListBuilder& list : parser.feature_lists()) lists.append(release_list(list, parser.rows()));
    return nb::make_tuple(context, lists);
}

nb::list context_summaries(const SequenceSurvey& survey) {
    nb::list all;
    for (const FeatureSummary& feature : survey.context()) all.append(to_python(feature));
    return all;
}

// (summary of the steps, number of records that have the list, number of steps)
nb::list list_summaries(const SequenceSurvey& survey) {
    nb::list all;
    for (const FeatureListSummary& list : survey.feature_lists())
        all.append(nb::make_tuple(to_python(list.steps), list.present, list.count));
    return all;
}

// A feature list as an argument from Python. Keeps its arrays alive.
struct FeatureListArgument {
    Input<int64_t> row_splits;
    std::optional<Input<uint8_t>> present;
    ColumnArgument steps;

    FeatureListArgument(nb::tuple t, int64_t rows)
        : row_splits(nb::cast<Input<int64_t>>(t[1])),
          present(nb::cast<std::optional<Input<uint8_t>>>(t[2])),
          steps(nb::cast<nb::tuple>(t[0]), nb::cast<int64_t>(t[3])) {
        check_offsets(row_splits, nb::cast<size_t>(t[3]), "row_splits");
        check_size(row_splits, static_cast<size_t>(rows) + 1, "row_splits");
        if (present) check_size(*present, static_cast<size_t>(rows), "present");
        if (steps.view.present) raise_value_error("steps: expected all steps to be present");
    }

    FeatureListView view() const { return {steps.view, row_splits.data(), present ? present->data() : nullptr}; }
};

nb::tuple encode(nb::list context, nb::list feature_lists, int64_t rows, int64_t first, int64_t step) {
    const std::vector<ColumnArgument> given = to_columns(context, rows);
    const std::vector<ColumnView> views = to_views(given);
    std::vector<FeatureListArgument> given_lists;
    for (nb::handle list : feature_lists) {
        const auto t = nb::cast<nb::tuple>(list);
        if (t.size() != 4) raise_value_error("expected a feature list (column of steps, row_splits, present, steps)");
        given_lists.emplace_back(t, rows);
    }
    std::vector<FeatureListView> lists;
    for (const FeatureListArgument& list : given_lists) lists.push_back(list.view());
    return encode_rows(rows, first, step, [&](FramedRecords& framed) {
        return encode_sequence_examples(views, lists, first, rows, step, framed);
    });
}

}  // namespace

void bind_sequence(nb::module_& m) {
    nb::class_<SequenceParser>(m, "SequenceParser")
        .def("__init__", &construct_parser, nb::arg("context"), nb::arg("feature_lists"))
        .def("reserve", &SequenceParser::reserve, nb::arg("records"), nb::arg("bytes"))
        .def("append", &append<SequenceParser>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("append_unverified", &append_unverified<SequenceParser>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("append_local", &append_local<SequenceParser>, nb::arg("records"), nb::arg("max_records"), nb::arg("stop"))
        .def("append_selected", &append_selected<SequenceParser>, nb::arg("files"), nb::arg("offsets"), nb::arg("lengths"))
        .def("finish", &finish)
        .def_prop_ro("rows", &SequenceParser::rows);
    nb::class_<SequenceSurvey>(m, "SequenceSurvey")
        .def(nb::init<>())
        .def("append", &append<SequenceSurvey>, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"))
        .def("context", &context_summaries)
        .def("feature_lists", &list_summaries)
        .def_prop_ro("rows", &SequenceSurvey::rows);
    m.def("encode_sequence_examples", &encode, nb::arg("context"), nb::arg("feature_lists"), nb::arg("rows"),
          nb::arg("first"), nb::arg("step"));
}

}  // namespace headrace
