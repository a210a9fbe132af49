// Parses tf.train.Example records into Arrow columns, as specified by a schema.
#pragma once

#include <cstdint>
#include <vector>

#include "records/column_builder.hpp"
#include "records/feature_index.hpp"
#include "records/name_index.hpp"
#include "records/example_fast_path.hpp"

namespace headrace {

// Records can be appended in any number of calls. After a failure the parser must be discarded.
class ExampleParser {
public:
    explicit ExampleParser(std::vector<FeatureSpec> features);
    ExampleParser(const ExampleParser&) = delete;
    ExampleParser& operator=(const ExampleParser&) = delete;

    // Reserves memory for the total number of records, and bytes of data, that will have been appended.
    void reserve(size_t records, size_t bytes);
    RecordFailure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    RecordFailure append_row(Span record);
    std::vector<ColumnBuilder>& columns() { return columns_; }
    int64_t rows() const { return rows_; }

private:
    RecordFailure append_general_row(Span record);
    void finish_row();
    void reserve_from_sample();

    static constexpr int64_t kSampleRows = 16;

    std::vector<ColumnBuilder> columns_;
    NameIndex names_;
    ExampleFastPath fast_path_;
    FeatureIndex index_;
    int64_t rows_ = 0;
    size_t expected_records_ = 0;
    size_t expected_bytes_ = 0;
};

}  // namespace headrace
