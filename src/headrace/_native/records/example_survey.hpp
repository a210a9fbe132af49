// Infers the features of Example records.
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

// Records can be appended in any number of calls. After a failure the survey must be discarded.
class ExampleSurvey {
public:
    // Fails with kMalformed, or with kKind if a feature's kind differs from that of earlier records.
    RecordFailure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    RecordFailure append_row(Span record);
    const std::vector<FeatureSummary>& features() const { return features_; }
    int64_t rows() const { return rows_; }

private:
    int find_or_add(std::string_view name);

    std::vector<FeatureSummary> features_;
    std::unordered_map<std::string, int> by_name_;
    FeatureIndex index_;
    FeatureInspector inspector_;
    int64_t rows_ = 0;
};

}  // namespace headrace
