// Infers the context features and feature lists of SequenceExample records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "records/example_survey.hpp"

namespace headrace {

struct FeatureListSummary {
    FeatureSummary steps;
    int64_t present = 0;  // the number of records that have the list
    int64_t count = 0;    // the number of steps, including those without values
};

// Records can be appended in any number of calls. After a failure the survey must be discarded. An Example counts as a
// record without feature lists.
class SequenceSurvey {
public:
    // Fails with kMalformed, or with kKind if a feature's kind differs from that of earlier records. A failure's feature
    // index counts the context features first, then the feature lists.
    RecordFailure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    const std::vector<FeatureSummary>& context() const { return context_.features(); }
    const std::vector<FeatureListSummary>& feature_lists() const { return lists_; }
    int64_t rows() const { return context_.rows(); }

private:
    int find_or_add(std::string_view name);
    RecordFailure append_row(Span record);
    RecordFailure append_list(size_t list);

    ExampleSurvey context_;
    std::vector<FeatureListSummary> lists_;
    std::unordered_map<std::string, int> by_name_;
    FeatureIndex index_;
    FeatureInspector inspector_;
};

}  // namespace headrace
