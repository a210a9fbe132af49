// What the context and the feature lists of records hold, found out by looking at all of them.
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
    int64_t present = 0;  // records that have it
    int64_t count = 0;    // steps, those without values too
};

// Records are added call by call. After a failure the survey is spent. An Example is a record without feature lists.
class SequenceSurvey {
public:
    // Fails with kMalformed; or with kKind where a feature's kind is not what it was before. A failure's feature is
    // counted through the context first, then the feature lists.
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    const std::vector<FeatureSummary>& context() const { return context_.features(); }
    const std::vector<FeatureListSummary>& feature_lists() const { return lists_; }
    int64_t rows() const { return context_.rows(); }

private:
    int find_or_add(std::string_view name);
    Failure append_row(Span record);
    Failure append_list(size_t list);

    ExampleSurvey context_;
    std::vector<FeatureListSummary> lists_;
    std::unordered_map<std::string, int> by_name_;
    FeatureIndex index_;
    FeatureTaster taster_;
};

}  // namespace headrace
