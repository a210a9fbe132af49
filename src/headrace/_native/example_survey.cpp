#include "example_survey.hpp"

#include <algorithm>
#include <cstring>

namespace headrace {

namespace {

bool is_text(Span value) { return is_utf8(value) && !(value.size() && std::memchr(value.at, 0, value.size())); }

template <typename Values>
bool count_values(const FeatureIndex& index, size_t feature, Values& values, uint32_t& kind, int64_t& count) {
    values.truncate(0);
    if (!index.read_values(feature, values, kind)) return false;
    if (kind == Values::kind) count = static_cast<int64_t>(values.size());
    return true;
}

}  // namespace

int ExampleSurvey::find_or_add(std::string_view name) {
    const auto [known, is_new] = by_name_.try_emplace(std::string(name), static_cast<int>(features_.size()));
    if (is_new) {
        features_.push_back({.name = std::string(name)});
        index_.resize(features_.size());
    }
    return known->second;
}

Failure ExampleSurvey::append_feature(size_t feature) {
    FeatureSummary& summary = features_[feature];
    uint32_t kind;
    int64_t count = 0;
    if (!count_values(index_, feature, floats_, kind, count) || !count_values(index_, feature, ints_, kind, count) ||
        !count_values(index_, feature, bytes_, kind, count))
        return {.fault = Fault::kMalformed};
    if (kind == kNoKind) return {};
    if (summary.kind != kNoKind && summary.kind != kind)
        return {.fault = Fault::kKind, .found = kind, .expected = summary.kind};
    summary.kind = kind;
    summary.fewest = summary.present ? std::min(summary.fewest, count) : count;
    summary.most = std::max(summary.most, count);
    ++summary.present;
    if (kind == kBytes)
        for (size_t i = 0; i < bytes_.size(); ++i) summary.text = summary.text && is_text(bytes_.value(i));
    return {};
}

Failure ExampleSurvey::append_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t) { return find_or_add(name); };
    if (!index_.read(record, resolve)) return {.fault = Fault::kMalformed};
    for (size_t i = 0; i < features_.size(); ++i) {
        Failure failure = append_feature(i);
        if (failure.fault == Fault::kNone) continue;
        failure.feature = static_cast<int64_t>(i);
        return failure;
    }
    ++rows_;
    return {};
}

Failure ExampleSurvey::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
