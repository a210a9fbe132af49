// Conversion of records and columns between Python and the kernels, shared by all messages.
#pragma once

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "records/column_builder.hpp"
#include "records/record_failure.hpp"
#include "records/feature_summary.hpp"
#include "records/feature_writer.hpp"
#include "records/framing.hpp"
#include "records/local_records.hpp"
#include "files/selected_records.hpp"
#include "bindings/ndarray.hpp"

namespace headrace {

// None, or (fault, row, feature, found, expected, step).
nb::object to_python(const RecordFailure& failure);

// Raises ValueError if a record, with the `footer` bytes that follow it, lies outside the data.
void check_records(const Input<uint8_t>& data, const Input<int64_t>& starts, const Input<int64_t>& lengths,
                   size_t footer = 0);

template <typename Appender>
nb::object append(Appender& appender, Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    RecordFailure failure;
    {
        nb::gil_scoped_release release;
        check_records(data, starts, lengths);
        failure = appender.append(data.data(), starts.data(), lengths.data(), starts.shape(0));
    }
    return to_python(failure);
}

// Verifies each record's checksum and parses it while it is in the processor's cache.
template <typename Parser>
nb::object append_unverified(Parser& parser, Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    RecordFailure failure;
    {
        nb::gil_scoped_release release;
        check_records(data, starts, lengths, kFooterSize);
        const auto append = [&](Span record) -> RecordFailure {
            if (!is_intact(record.at, record.size())) return {.fault = RecordFault::kChecksum};
            return parser.append_row(record);
        };
        failure = for_each_record(data.data(), starts.data(), lengths.data(), starts.shape(0), append);
    }
    return to_python(failure);
}

// (records parsed, state, failure of the next record or None)
template <typename Parser>
nb::tuple append_local(Parser& parser, LocalRecords& records, size_t max_records, uint64_t stop) {
    LocalRecords::Result result;
    {
        nb::gil_scoped_release release;
        result = records.read(max_records, stop, [&](Span record) { return parser.append_row(record); });
    }
    return nb::make_tuple(result.records, result.state, to_python(result.failure));
}

// Raises ValueError unless the places describe frames.
void check_places(const Input<int32_t>& files, const Input<int64_t>& offsets, const Input<int64_t>& lengths);

// (records parsed, state, errno, failure of the next record or None)
template <typename Parser>
nb::tuple append_selected(Parser& parser, Input<int32_t> files, Input<int64_t> offsets, Input<int64_t> lengths) {
    SelectedRecords::Result result;
    {
        nb::gil_scoped_release release;
        check_places(files, offsets, lengths);
        SelectedRecords records({files.data(), offsets.data(), lengths.data(), files.shape(0)});
        result = records.read([&](Span record) { return parser.append_row(record); });
    }
    return nb::make_tuple(result.records, result.state, result.error, to_python(result.failure));
}

FeatureSpec to_spec(nb::handle given);
std::vector<FeatureSpec> to_specs(nb::list given);

// (values, offsets or None, row_splits or None, validity or None)
nb::tuple release_column(ColumnBuilder& column, int64_t rows);

// The validity bitmap of `rows` rows, or None if all are valid.
nb::object release_validity(Validity& validity, int64_t rows);

// (name, kind, present, min_count, most, text)
nb::tuple to_python(const FeatureSummary& summary);

// A column as an argument from Python. Keeps its arrays alive.
struct ColumnArgument {
    ColumnView view;
    std::optional<Input<float>> floats;
    std::optional<Input<int64_t>> ints, offsets, row_splits;
    std::optional<Input<uint8_t>> bytes, present;

    ColumnArgument(nb::tuple given, int64_t rows);

private:
    // Returns the number of values.
    int64_t set_values(const nb::tuple& given);
    void check_rows(int64_t rows, int64_t values);
};

std::vector<ColumnArgument> to_columns(nb::list columns, int64_t rows);
std::vector<ColumnView> to_views(const std::vector<ColumnArgument>& given);

// Calls `encode(framed)` without the GIL, and raises ValueError for a row that cannot be encoded.
// Returns (frames, stored checksums).
template <typename Encode>
nb::tuple encode_rows(int64_t rows, int64_t first, int64_t step, Encode&& encode) {
    if (rows < 0 || first < 0 || step < 1) raise_value_error("expected rows >= 0, first >= 0 and step >= 1");
    FramedRecords framed;
    EncodingResult result;
    {
        nb::gil_scoped_release release;
        result = encode(framed);
    }
    if (result.fault == RowFault::kTooLarge)
        raise_value_error("row " + std::to_string(result.row) + " exceeds 2 GiB, the limit of a record");
    if (result.fault == RowFault::kNotUtf8)
        raise_value_error("row " + std::to_string(result.row) + " has a string that is not UTF-8");
    return nb::make_tuple(to_numpy(std::move(framed.frames)), to_numpy(std::move(framed.checksums)));
}

}  // namespace headrace
