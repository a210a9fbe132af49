// Parses tf.train.SequenceExample records into Arrow columns: context features, and lists of steps.
#pragma once

#include <cstdint>
#include <vector>

#include "records/column_builder.hpp"
#include "records/example_parser.hpp"
#include "records/feature_index.hpp"
#include "records/name_index.hpp"
#include "records/validity.hpp"

namespace headrace {

struct FeatureListSpec {
    FeatureSpec step;  // has the list's name, and is required
    bool required;     // whether the list is required
};

// An Arrow column under construction in which each row is a list of steps.
struct FeatureListBuilder {
    ColumnBuilder steps;  // one row per step
    bool required;
    Buffer<int32_t> row_splits;  // [rows + 1]
    Validity validity;
    int64_t count = 0;  // the number of steps

    explicit FeatureListBuilder(FeatureListSpec spec);
};

// Records can be appended in any number of calls. After a failure the parser must be discarded.
class SequenceParser {
public:
    SequenceParser(std::vector<FeatureSpec> context, std::vector<FeatureListSpec> feature_lists);

    // Reserves memory for the total number of records, and bytes of data, that will have been appended.
    void reserve(size_t records, size_t bytes);

    // A failure's feature index counts the context features first, then the feature lists.
    RecordFailure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    RecordFailure append_row(Span record);
    std::vector<ColumnBuilder>& context() { return context_.columns(); }
    std::vector<FeatureListBuilder>& feature_lists() { return lists_; }
    int64_t rows() const { return rows_; }

private:
    RecordFailure append_list(size_t list);

    ExampleParser context_;
    std::vector<FeatureListBuilder> lists_;
    NameIndex names_;
    FeatureIndex index_;
    int64_t rows_ = 0;
};

}  // namespace headrace
