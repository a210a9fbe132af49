// ExampleParser with an arbitrary schema. The fast path must give the same columns and failures as the general parser.
#include "records/example_parser.hpp"

#include "schema.hpp"

using namespace headrace;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const std::vector<FeatureSpec> features = fuzz::read_features(input);
    ExampleParser parser(features), general(features);
    const std::vector<fuzz::Block> records = input.records();
    parser.reserve(records.size(), fuzz::total_size(records));
    for (const fuzz::Block& record : records) {
        const RecordFailure failure = fuzz::append(parser, record);
        fuzz::require_same(failure, fuzz::append(general, fuzz::with_unknown_field(record)));
        if (failure.fault != RecordFault::kNone) return 0;
    }
    for (size_t i = 0; i < features.size(); ++i) {
        fuzz::require_valid(parser.columns()[i], parser.rows());
        fuzz::require_same(parser.columns()[i], general.columns()[i], parser.rows());
    }
    return 0;
}
