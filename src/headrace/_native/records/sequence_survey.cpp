#include "records/sequence_survey.hpp"

namespace headrace {

namespace {

constexpr uint32_t kFeatureLists = 2;

}  // namespace

int SequenceSurvey::find_or_add(std::string_view name) {
    const auto [known, is_new] = by_name_.try_emplace(std::string(name), static_cast<int>(lists_.size()));
    if (is_new) {
        lists_.push_back({.steps = {.name = std::string(name)}});
        index_.resize(lists_.size());
    }
    return known->second;
}

RecordFailure SequenceSurvey::append_list(size_t list) {
    if (!index_.has(list)) return {};
    FeatureListSummary& summary = lists_[list];
    ++summary.present;
    RecordFailure failure;
    int64_t step = 0;
    const bool complete = index_.for_each_step(list, [&](Span message) {
        const auto read = [&](auto& values, uint32_t& kind) {
            return FeatureIndex::read_feature(message, values, kind);
        };
        failure = inspector_.add(summary.steps, read);
        if (failure.fault == RecordFault::kNone) ++step;
        return failure.fault == RecordFault::kNone;
    });
    summary.count += step;
    if (complete) return {};
    if (failure.fault == RecordFault::kNone) return {.fault = RecordFault::kMalformed};
    failure.step = step;
    return failure;
}

RecordFailure SequenceSurvey::append_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t) { return find_or_add(name); };
    if (!index_.read(record, resolve, kFeatureLists)) return {.fault = RecordFault::kMalformed};
    for (size_t i = 0; i < lists_.size(); ++i) {
        RecordFailure failure = append_list(i);
        if (failure.fault == RecordFault::kNone) continue;
        failure.feature = static_cast<int64_t>(context().size() + i);
        return failure;
    }
    return context_.append_row(record);
}

RecordFailure SequenceSurvey::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
