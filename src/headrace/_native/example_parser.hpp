// tf.train.Example records to Arrow columns, as a schema asks for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "buffer.hpp"
#include "feature_index.hpp"

namespace headrace {

enum class Layout : int {
    kScalar = 0,  // one value
    kList = 1,    // any number of values
    kFixed = 2,   // `size` values
    kRaw = 3,     // one bytes value of `size` bytes
};

struct FeatureSpec {
    std::string name;
    Kind kind;
    Layout layout;
    int64_t size;
    bool required;
    bool utf8;        // bytes must be UTF-8
    int64_t lowest;   // integers must lie in [lowest, highest]
    int64_t highest;
};

enum class Fault : int {
    kNone = 0,
    kMalformed = 1,  // no protocol buffer, or not of this type
    kMissing = 2,    // a required feature is absent
    kKind = 3,       // found, expected: kinds
    kCount = 4,      // found, expected: numbers of values
    kSize = 5,       // found, expected: numbers of bytes
    kRange = 6,      // found: the integer that does not fit
    kUtf8 = 7,
    kOverflow = 8,   // more values or bytes than 32-bit offsets reach
};

struct Failure {
    Fault fault = Fault::kNone;
    int64_t row = 0;       // in the call that failed
    int64_t feature = -1;  // of the schema, or -1
    int64_t found = 0;
    int64_t expected = 0;
};

struct Column {
    FeatureSpec spec;
    std::variant<FloatValues, Int64Values, BytesValues> values;
    Buffer<int32_t> row_splits;  // kList: [rows + 1]
    Buffer<uint8_t> validity;    // a bit a row, least significant first, if there are nulls
    int64_t rows_marked = 0;     // in validity
    int64_t nulls = 0;

    explicit Column(FeatureSpec spec);
    void reserve(size_t records, size_t bytes);
    void finish(int64_t rows);
};

// Rows are appended call by call. After a failure the parser is spent.
class ExampleParser {
public:
    explicit ExampleParser(std::vector<FeatureSpec> features);
    ExampleParser(const ExampleParser&) = delete;
    ExampleParser& operator=(const ExampleParser&) = delete;

    // Makes room once for records to come: how many, and how many bytes of data altogether.
    void reserve(size_t records, size_t bytes);
    Failure append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count);
    std::vector<Column>& columns() { return columns_; }
    int64_t rows() const { return rows_; }

private:
    int find(std::string_view name, size_t position);
    Failure append_row(Span record);

    std::vector<Column> columns_;
    std::unordered_map<std::string_view, int> by_name_;
    std::vector<int> likely_;  // the feature that was last found at each position of a record's map
    FeatureIndex index_;
    int64_t rows_ = 0;
};

}  // namespace headrace
