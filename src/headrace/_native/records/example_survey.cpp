#include "records/example_survey.hpp"

namespace headrace {

int ExampleSurvey::find_or_add(std::string_view name) {
    const auto [known, is_new] = by_name_.try_emplace(std::string(name), static_cast<int>(features_.size()));
    if (is_new) {
        features_.push_back({.name = std::string(name)});
        index_.resize(features_.size());
    }
    return known->second;
}

RecordFailure ExampleSurvey::append_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t) { return find_or_add(name); };
    if (!index_.read(record, resolve)) return {.fault = RecordFault::kMalformed};
    for (size_t i = 0; i < features_.size(); ++i) {
        const auto read = [&](auto& values, uint32_t& kind) { return index_.read_values(i, values, kind); };
        RecordFailure failure = inspector_.add(features_[i], read);
        if (failure.fault == RecordFault::kNone) continue;
        failure.feature = static_cast<int64_t>(i);
        return failure;
    }
    ++rows_;
    return {};
}

RecordFailure ExampleSurvey::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
