// tf.train.Example records to Arrow columns, as a schema asks for them.
#pragma once

#include <cstdint>
#include <vector>

#include "records/column_builder.hpp"
#include "records/feature_index.hpp"
#include "records/name_index.hpp"
#include "records/example_fast_path.hpp"

namespace headrace {

// Rows are appended call by call. After a failure the parser is spent.
class ExampleParser {
public:
    explicit ExampleParser(std::vector<FeatureSpec> features);
    ExampleParser(const ExampleParser&) = delete;
    ExampleParser& operator=(const ExampleParser&) = delete;

    // Makes room once for records to come: how many there will be, and how many bytes of data, altogether.
    void reserve(size_t records, size_t bytes);
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    Failure append_row(Span record);
    std::vector<Column>& columns() { return columns_; }
    int64_t rows() const { return rows_; }

private:
    Failure append_odd_row(Span record);
    void count_row();
    void reserve_alike();

    static constexpr int64_t kSample = 16;

    std::vector<Column> columns_;
    NameIndex names_;
    PlainExample plain_;
    FeatureIndex index_;
    int64_t rows_ = 0;
    size_t records_to_come_ = 0;
    size_t bytes_to_come_ = 0;
};

}  // namespace headrace
