// SequenceSurvey. What it finds must be a schema by which the same records can be read.
#include "records/sequence_survey.hpp"

#include "schema.hpp"
#include "records/sequence_parser.hpp"

using namespace headrace;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::vector<fuzz::Block> records = fuzz::Input(data, size).records();
    SequenceSurvey survey;
    for (const fuzz::Block& record : records)
        if (fuzz::append(survey, record).fault != Fault::kNone) return 0;
    std::vector<FeatureSpec> context;
    for (const FeatureSummary& found : survey.context())
        if (found.kind != kNoKind) context.push_back(fuzz::any_list(found.name, static_cast<Kind>(found.kind)));
    std::vector<FeatureListSpec> lists;
    for (const FeatureListSummary& found : survey.feature_lists()) {
        require(found.steps.present <= found.count && found.present <= survey.rows(), "present where found");
        if (found.steps.kind == kNoKind) continue;
        FeatureSpec step = fuzz::any_list(found.steps.name, static_cast<Kind>(found.steps.kind));
        step.required = true;
        lists.push_back({std::move(step), false});
    }
    SequenceParser parser(context, lists);
    for (const fuzz::Block& record : records)
        require(fuzz::append(parser, record).fault == Fault::kNone, "the records fit what was found");
    for (const Column& column : parser.context()) fuzz::require_sound(column, parser.rows());
    for (const FeatureListColumn& list : parser.feature_lists()) fuzz::require_sound(list.steps, list.count);
    return 0;
}
