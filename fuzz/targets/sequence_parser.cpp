// SequenceParser with an arbitrary schema. The fast path must give the same columns and failures as the general parser.
#include "records/sequence_parser.hpp"

#include "schema.hpp"

using namespace headrace;
using fuzz::require;

namespace {

std::vector<FeatureListSpec> read_lists(fuzz::Input& input) {
    std::vector<FeatureListSpec> lists;
    for (FeatureSpec& step : fuzz::read_features(input)) {
        const bool required = step.required;
        step.required = true;
        lists.push_back({std::move(step), required});
    }
    return lists;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const std::vector<FeatureSpec> context = fuzz::read_features(input);
    const std::vector<FeatureListSpec> lists = read_lists(input);
    SequenceParser parser(context, lists), general(context, lists);
    const std::vector<fuzz::Block> records = input.records();
    parser.reserve(records.size(), fuzz::total_size(records));
    for (const fuzz::Block& record : records) {
        const RecordFailure failure = fuzz::append(parser, record);
        fuzz::require_same(failure, fuzz::append(general, fuzz::with_unknown_field(record)));
        if (failure.fault != RecordFault::kNone) return 0;
    }
    const int64_t rows = parser.rows();
    for (size_t i = 0; i < context.size(); ++i) {
        fuzz::require_valid(parser.context()[i], rows);
        fuzz::require_same(parser.context()[i], general.context()[i], rows);
    }
    for (size_t i = 0; i < lists.size(); ++i) {
        FeatureListBuilder &list = parser.feature_lists()[i], &other = general.feature_lists()[i];
        require(list.row_splits.size() == static_cast<size_t>(rows) + 1, "the number of row splits differs from rows + 1");
        require(list.row_splits[static_cast<size_t>(rows)] == list.count, "the last row split is not the number of steps");
        fuzz::require_valid(list.steps, list.count);
        fuzz::require_same(list.steps, other.steps, list.count);
        fuzz::require_same(list.validity, other.validity, rows);
        require(fuzz::same(list.row_splits, other.row_splits), "row splits differ");
    }
    return 0;
}
