#include "records/sequence_parser.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "records/example_fast_path.hpp"

namespace headrace {

namespace {

constexpr uint32_t kFeatureLists = 2;

std::vector<std::string> names_of(const std::vector<FeatureListSpec>& lists) {
    std::vector<std::string> names;
    for (const FeatureListSpec& list : lists) names.push_back(list.step.name);
    return names;
}

// Reads a step. Where a step may have any number of values, a step without a list is empty rather than missing.
template <typename Values>
bool read_step(Span message, Layout layout, Values& values, uint32_t& kind) {
    if (!FeatureIndex::read_feature(message, values, kind)) return false;
    if (kind == kNoKind && layout == Layout::kList) kind = Values::kind;
    return true;
}

template <typename Values>
RecordFailure append_steps(FeatureIndex& index, size_t list, FeatureListBuilder& column, Values& values) {
    RecordFailure failure;
    const int64_t before = column.count;
    const Layout layout = column.steps.spec.layout;
    if (layout == Layout::kScalar) column.count += append_canonical_steps(column.steps, index.first_piece(list));
    const bool complete = index.for_each_step(list, [&](Span message) {
        if (layout == Layout::kScalar && append_canonical_feature(column.steps, message)) return ++column.count > 0;
        const auto read = [&](Values& to, uint32_t& kind) { return read_step(message, layout, to, kind); };
        failure = append_value(column.steps, values, column.count, read);
        if (failure.fault == RecordFault::kNone) ++column.count;
        return failure.fault == RecordFault::kNone;
    });
    if (complete) return {};
    if (failure.fault == RecordFault::kNone) return {.fault = RecordFault::kMalformed};
    failure.step = column.count - before;
    return failure;
}

}  // namespace

FeatureListBuilder::FeatureListBuilder(FeatureListSpec spec) : steps(std::move(spec.step)), required(spec.required) {
    row_splits.push(0);
}

SequenceParser::SequenceParser(std::vector<FeatureSpec> context, std::vector<FeatureListSpec> feature_lists)
    : context_(std::move(context)), names_(names_of(feature_lists)) {
    lists_.reserve(feature_lists.size());
    for (FeatureListSpec& list : feature_lists) lists_.emplace_back(std::move(list));
    index_.resize(lists_.size());
}

RecordFailure SequenceParser::append_list(size_t list) {
    FeatureListBuilder& column = lists_[list];
    if (index_.has(list)) {
        const RecordFailure failure = std::visit(
            [&](auto& values) { return append_steps(index_, list, column, values); }, column.steps.values);
        if (failure.fault != RecordFault::kNone) return failure;
    } else {
        if (column.required) return {.fault = RecordFault::kMissing};
        column.validity.mark_null(rows_);
    }
    if (static_cast<size_t>(column.count) > kMaxOffset) return {.fault = RecordFault::kOverflow};
    column.row_splits.push(static_cast<int32_t>(column.count));
    return {};
}

RecordFailure SequenceParser::append_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t position) { return names_.find(name, position); };
    if (!index_.read(record, resolve, kFeatureLists)) return {.fault = RecordFault::kMalformed};
    if (RecordFailure failure = context_.append_row(record); failure.fault != RecordFault::kNone) return failure;
    for (size_t i = 0; i < lists_.size(); ++i) {
        RecordFailure failure = append_list(i);
        if (failure.fault == RecordFault::kNone) continue;
        failure.feature = static_cast<int64_t>(context_.columns().size() + i);
        return failure;
    }
    ++rows_;
    return {};
}

void SequenceParser::reserve(size_t records, size_t bytes) {
    context_.reserve(records, bytes);
    for (FeatureListBuilder& column : lists_) column.row_splits.reserve(records + 1);
}

RecordFailure SequenceParser::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
