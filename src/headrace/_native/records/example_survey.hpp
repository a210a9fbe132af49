// What features records hold, found out by looking at all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "records/record_failure.hpp"
#include "records/feature_index.hpp"
#include "records/feature_summary.hpp"

namespace headrace {

// Records are added call by call. After a failure the survey is spent.
class ExampleSurvey {
public:
    // Fails with kMalformed; or with kKind where a feature's kind is not what it was before.
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    Failure append_row(Span record);
    const std::vector<FeatureSummary>& features() const { return features_; }
    int64_t rows() const { return rows_; }

private:
    int find_or_add(std::string_view name);

    std::vector<FeatureSummary> features_;
    std::unordered_map<std::string, int> by_name_;
    FeatureIndex index_;
    FeatureTaster taster_;
    int64_t rows_ = 0;
};

}  // namespace headrace
