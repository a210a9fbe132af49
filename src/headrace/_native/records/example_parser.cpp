#include "records/example_parser.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace headrace {

namespace {

std::vector<std::string> names_of(const std::vector<FeatureSpec>& features) {
    std::vector<std::string> names;
    for (const FeatureSpec& feature : features) names.push_back(feature.name);
    return names;
}

}  // namespace

ExampleParser::ExampleParser(std::vector<FeatureSpec> features) : names_(names_of(features)) {
    columns_.reserve(features.size());
    for (FeatureSpec& feature : features) columns_.emplace_back(std::move(feature));
    fast_path_.resize(columns_.size());
    index_.resize(columns_.size());
}

RecordFailure ExampleParser::append_row(Span record) {
    if (!fast_path_.append(record, rows_, columns_, names_)) return append_general_row(record);
    finish_row();
    return {};
}

// Parses a record of any form, or finds out what is wrong with it.
RecordFailure ExampleParser::append_general_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t position) { return names_.find(name, position); };
    if (!index_.read(record, resolve)) return {.fault = RecordFault::kMalformed};
    for (size_t i = 0; i < columns_.size(); ++i) {
        const auto read = [&](auto& values, uint32_t& kind) { return index_.read_values(i, values, kind); };
        RecordFailure failure = std::visit(
            [&](auto& values) { return append_value(columns_[i], values, rows_, read); }, columns_[i].values);
        if (failure.fault == RecordFault::kNone) continue;
        failure.feature = static_cast<int64_t>(i);
        return failure;
    }
    finish_row();
    return {};
}

void ExampleParser::finish_row() {
    if (++rows_ == kSampleRows) reserve_from_sample();
}

// Extrapolates from the rows parsed so far.
void ExampleParser::reserve_from_sample() {
    const auto rows = static_cast<size_t>(rows_);
    if (expected_records_ <= rows) return;
    for (ColumnBuilder& column : columns_) column.reserve_from_sample(rows, expected_records_, expected_bytes_);
}

void ExampleParser::reserve(size_t records, size_t bytes) {
    expected_records_ = records;
    expected_bytes_ = bytes;
    for (ColumnBuilder& column : columns_) column.reserve(records, bytes);
    if (rows_ >= kSampleRows) reserve_from_sample();
}

RecordFailure ExampleParser::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
