// ExampleParser with any schema. Records read by the shortcut for plain ones must come out as they do without it.
#include "records/example_parser.hpp"

#include "schema.hpp"

using namespace headrace;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const std::vector<FeatureSpec> features = fuzz::take_features(input);
    ExampleParser parser(features), slow(features);
    const std::vector<fuzz::Block> records = input.records();
    parser.reserve(records.size(), fuzz::total(records));
    for (const fuzz::Block& record : records) {
        const Failure failure = fuzz::append(parser, record);
        fuzz::require_same(failure, fuzz::append(slow, fuzz::with_unknown_field(record)));
        if (failure.fault != Fault::kNone) return 0;
    }
    for (size_t i = 0; i < features.size(); ++i) {
        fuzz::require_sound(parser.columns()[i], parser.rows());
        fuzz::require_same(parser.columns()[i], slow.columns()[i], parser.rows());
    }
    return 0;
}
