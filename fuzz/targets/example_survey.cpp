// ExampleSurvey. The records must match the schema inferred from them.
#include "records/example_survey.hpp"

#include "records/example_parser.hpp"
#include "schema.hpp"

using namespace headrace;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::vector<fuzz::Block> records = fuzz::Input(data, size).records();
    ExampleSurvey survey;
    for (const fuzz::Block& record : records)
        if (fuzz::append(survey, record).fault != RecordFault::kNone) return 0;
    std::vector<FeatureSpec> features;
    for (const FeatureSummary& found : survey.features()) {
        require(0 <= found.min_count && found.min_count <= found.max_count, "min_count exceeds max_count");
        require(found.present <= survey.rows() && (found.present > 0) == (found.kind != kNoKind), "the number of records that have the feature is wrong");
        if (found.kind != kNoKind) features.push_back(fuzz::any_list(found.name, static_cast<ValueKind>(found.kind)));
    }
    ExampleParser parser(features);
    for (const fuzz::Block& record : records)
        require(fuzz::append(parser, record).fault == RecordFault::kNone, "a record does not match the inferred schema");
    for (const ColumnBuilder& column : parser.columns()) fuzz::require_valid(column, parser.rows());
    return 0;
}
