// tf.train.SequenceExample records to Arrow columns: the context's features, and lists of steps.
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
    FeatureSpec step;  // with the list's name; steps are required
    bool required;     // whether the list is
};

// A row is a list of steps.
struct FeatureListColumn {
    Column steps;                // a row a step
    bool required;
    Buffer<int32_t> row_splits;  // of steps, [rows + 1]
    Validity validity;           // of rows
    int64_t count = 0;           // steps

    explicit FeatureListColumn(FeatureListSpec spec);
};

// Rows are appended call by call. After a failure the parser is spent.
class SequenceParser {
public:
    SequenceParser(std::vector<FeatureSpec> context, std::vector<FeatureListSpec> feature_lists);

    // Makes room once for records to come: how many there will be, and how many bytes of data, altogether.
    void reserve(size_t records, size_t bytes);

    // A failure's feature is counted through the context first, then the feature lists.
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    Failure append_row(Span record);
    std::vector<Column>& context() { return context_.columns(); }
    std::vector<FeatureListColumn>& feature_lists() { return lists_; }
    int64_t rows() const { return rows_; }

private:
    Failure append_list(size_t list);

    ExampleParser context_;
    std::vector<FeatureListColumn> lists_;
    NameIndex names_;
    FeatureIndex index_;
    int64_t rows_ = 0;
};

}  // namespace headrace
