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
    plain_.resize(columns_.size());
    index_.resize(columns_.size());
}

Failure ExampleParser::append_row(Span record) {
    if (!plain_.append(record, rows_, columns_, names_)) return append_odd_row(record);
    count_row();
    return {};
}

// Of any form, or with a fault.
Failure ExampleParser::append_odd_row(Span record) {
    const auto resolve = [this](std::string_view name, size_t position) { return names_.find(name, position); };
    if (!index_.read(record, resolve)) return {.fault = Fault::kMalformed};
    for (size_t i = 0; i < columns_.size(); ++i) {
        const auto read = [&](auto& values, uint32_t& kind) { return index_.read_values(i, values, kind); };
        Failure failure = std::visit(
            [&](auto& values) { return append_value(columns_[i], values, rows_, read); }, columns_[i].values);
        if (failure.fault == Fault::kNone) continue;
        failure.feature = static_cast<int64_t>(i);
        return failure;
    }
    count_row();
    return {};
}

void ExampleParser::count_row() {
    if (++rows_ == kSample) reserve_alike();
}

// Once some rows tell what the others are like.
void ExampleParser::reserve_alike() {
    const auto rows = static_cast<size_t>(rows_);
    if (records_to_come_ <= rows) return;
    for (Column& column : columns_) column.reserve_alike(rows, records_to_come_, bytes_to_come_);
}

void ExampleParser::reserve(size_t records, size_t bytes) {
    records_to_come_ = records;
    bytes_to_come_ = bytes;
    for (Column& column : columns_) column.reserve(records, bytes);
    if (rows_ >= kSample) reserve_alike();
}

Failure ExampleParser::append(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count) {
    return for_each_record(data, starts, lengths, count, [this](Span record) { return append_row(record); });
}

}  // namespace headrace
