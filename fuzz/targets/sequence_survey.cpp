// SequenceSurvey. The records must match the schema inferred from them.
#include "records/sequence_survey.hpp"

#include "records/sequence_parser.hpp"
#include "schema.hpp"

using namespace headrace;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::vector<fuzz::Block> records = fuzz::Input(data, size).records();
    SequenceSurvey survey;
    for (const fuzz::Block& record : records)
        if (fuzz::append(survey, record).fault != RecordFault::kNone) return 0;
    std::vector<FeatureSpec> context;
    for (const FeatureSummary& found : survey.context())
        if (found.kind != kNoKind) context.push_back(fuzz::any_list(found.name, static_cast<ValueKind>(found.kind)));
    std::vector<FeatureListSpec> lists;
    for (const FeatureListSummary& found : survey.feature_lists()) {
        require(found.steps.present <= found.count && found.present <= survey.rows(), "the number of records that have the list is wrong");
        if (found.steps.kind == kNoKind) continue;
        FeatureSpec step = fuzz::any_list(found.steps.name, static_cast<ValueKind>(found.steps.kind));
        step.required = true;
        lists.push_back({std::move(step), false});
    }
    SequenceParser parser(context, lists);
    for (const fuzz::Block& record : records)
        require(fuzz::append(parser, record).fault == RecordFault::kNone, "a record does not match the inferred schema");
    for (const ColumnBuilder& column : parser.context()) fuzz::require_valid(column, parser.rows());
    for (const FeatureListBuilder& list : parser.feature_lists()) fuzz::require_valid(list.steps, list.count);
    return 0;
}
