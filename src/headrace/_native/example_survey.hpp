// What features records hold, found out by looking at all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "failure.hpp"
#include "feature_index.hpp"

namespace headrace {

struct FeatureSummary {
    std::string name;
    uint32_t kind = kNoKind;
    int64_t present = 0;  // records that have it
    int64_t fewest = 0;   // values in a record that has it
    int64_t most = 0;
    bool text = true;     // all bytes are UTF-8 without NUL
};

// Records are added call by call. After a failure the survey is spent.
class ExampleSurvey {
public:
    // Fails with kMalformed; or with kKind where a feature's kind is not what it was before.
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    const std::vector<FeatureSummary>& features() const { return features_; }
    int64_t rows() const { return rows_; }

private:
    int find_or_add(std::string_view name);
    Failure append_row(Span record);
    Failure append_feature(size_t feature);

    std::vector<FeatureSummary> features_;
    std::unordered_map<std::string, int> by_name_;
    FeatureIndex index_;
    FloatValues floats_;
    Int64Values ints_;
    BytesValues bytes_;
    int64_t rows_ = 0;
};

}  // namespace headrace
