// SequenceParser with any schema. An unknown field before a record must change nothing.
#include "records/sequence_parser.hpp"

#include "schema.hpp"

using namespace headrace;
using fuzz::require;

namespace {

std::vector<FeatureListSpec> take_lists(fuzz::Input& input) {
    std::vector<FeatureListSpec> lists;
    for (FeatureSpec& step : fuzz::take_features(input)) {
        const bool required = step.required;
        step.required = true;
        lists.push_back({std::move(step), required});
    }
    return lists;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const std::vector<FeatureSpec> context = fuzz::take_features(input);
    const std::vector<FeatureListSpec> lists = take_lists(input);
    SequenceParser parser(context, lists), slow(context, lists);
    const std::vector<fuzz::Block> records = input.records();
    parser.reserve(records.size(), fuzz::total(records));
    for (const fuzz::Block& record : records) {
        const Failure failure = fuzz::append(parser, record);
        fuzz::require_same(failure, fuzz::append(slow, fuzz::with_unknown_field(record)));
        if (failure.fault != Fault::kNone) return 0;
    }
    const int64_t rows = parser.rows();
    for (size_t i = 0; i < context.size(); ++i) {
        fuzz::require_sound(parser.context()[i], rows);
        fuzz::require_same(parser.context()[i], slow.context()[i], rows);
    }
    for (size_t i = 0; i < lists.size(); ++i) {
        FeatureListColumn &list = parser.feature_lists()[i], &other = slow.feature_lists()[i];
        require(list.row_splits.size() == static_cast<size_t>(rows) + 1, "a row split a row");
        require(list.row_splits[static_cast<size_t>(rows)] == list.count, "row splits end with the steps");
        fuzz::require_sound(list.steps, list.count);
        fuzz::require_same(list.steps, other.steps, list.count);
        fuzz::require_same(list.validity, other.validity, rows);
        require(fuzz::same(list.row_splits, other.row_splits), "the same steps in each row");
    }
    return 0;
}
