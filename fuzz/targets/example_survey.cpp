// ExampleSurvey. What it finds must be a schema by which the same records can be read.
#include "records/example_survey.hpp"

#include "records/example_parser.hpp"
#include "schema.hpp"

using namespace headrace;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::vector<fuzz::Block> records = fuzz::Input(data, size).records();
    ExampleSurvey survey;
    for (const fuzz::Block& record : records)
        if (fuzz::append(survey, record).fault != Fault::kNone) return 0;
    std::vector<FeatureSpec> features;
    for (const FeatureSummary& found : survey.features()) {
        require(0 <= found.fewest && found.fewest <= found.most, "fewest is not above most");
        require(found.present <= survey.rows() && (found.present > 0) == (found.kind != kNoKind), "present where found");
        if (found.kind != kNoKind) features.push_back(fuzz::any_list(found.name, static_cast<Kind>(found.kind)));
    }
    ExampleParser parser(features);
    for (const fuzz::Block& record : records)
        require(fuzz::append(parser, record).fault == Fault::kNone, "the records fit what was found");
    for (const Column& column : parser.columns()) fuzz::require_sound(column, parser.rows());
    return 0;
}
