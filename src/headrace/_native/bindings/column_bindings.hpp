// Columns between Python and the kernels, for all messages.
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
#include "bindings/ndarray.hpp"

namespace headrace {

// None, or (fault, row, feature, found, expected, step).
nb::object to_python(const Failure& failure);

// Refuses records that lie outside the data, each with so many bytes behind it.
void check_records(const Input<uint8_t>& data, const Input<int64_t>& starts, const Input<int64_t>& lengths,
                   size_t behind = 0);

template <typename Appender>
nb::object append(Appender& appender, Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    Failure failure;
    {
        nb::gil_scoped_release release;
        check_records(data, starts, lengths);
        failure = appender.append(data.data(), starts.data(), lengths.data(), starts.shape(0));
    }
    return to_python(failure);
}

// Records whose checksums nobody has looked at: each is compared, and parsed while it is in the processor's cache.
template <typename Parser>
nb::object append_unverified(Parser& parser, Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    Failure failure;
    {
        nb::gil_scoped_release release;
        check_records(data, starts, lengths, kFooterSize);
        const auto take = [&](Span record) -> Failure {
            if (!is_intact(record.at, record.size())) return {.fault = Fault::kChecksum};
            return parser.append_row(record);
        };
        failure = for_each_record(data.data(), starts.data(), lengths.data(), starts.shape(0), take);
    }
    return to_python(failure);
}

// (records, state, failure of the record that comes next or None)
template <typename Parser>
nb::tuple append_local(Parser& parser, LocalRecords& from, size_t most_records, uint64_t stop) {
    LocalRecords::Taken taken;
    {
        nb::gil_scoped_release release;
        taken = from.take(most_records, stop, [&](Span record) { return parser.append_row(record); });
    }
    return nb::make_tuple(taken.records, taken.state, to_python(taken.failure));
}

FeatureSpec to_spec(nb::handle given);
std::vector<FeatureSpec> to_specs(nb::list given);

// (values, offsets or None, row_splits or None, validity or None)
nb::tuple take_column(Column& column, int64_t rows);

// The bits of `rows` rows, or None if all are valid.
nb::object take_validity(Validity& validity, int64_t rows);

// (name, kind, present, fewest, most, text)
nb::tuple to_python(const FeatureSummary& summary);

// Refuses splits that fall or go beyond `last`.
void check_splits(const Input<int64_t>& splits, int64_t last);

// One column as Python hands it over, kept alive while it is read.
struct GivenColumn {
    ColumnView view;
    std::optional<Input<float>> floats;
    std::optional<Input<int64_t>> ints, offsets, row_splits;
    std::optional<Input<uint8_t>> bytes, present;

    GivenColumn(nb::tuple given, int64_t rows);

private:
    int64_t take_values(const nb::tuple& given);
    void check_rows(int64_t rows, int64_t values);
};

std::vector<GivenColumn> given_columns(nb::list columns, int64_t rows);
std::vector<ColumnView> views_of(const std::vector<GivenColumn>& given);

// Encodes rows without the GIL: `encode(framed)` gives the first row that is too large, or -1.
template <typename Encode>
Output<uint8_t> encode_rows(int64_t rows, int64_t first, int64_t step, Encode&& encode) {
    if (rows < 0 || first < 0 || step < 1) throw nb::value_error("rows and first are not below 0, step is not below 1");
    Buffer<uint8_t> framed;
    int64_t too_large;
    {
        nb::gil_scoped_release release;
        too_large = encode(framed);
    }
    if (too_large >= 0)
        throw nb::value_error(("row " + std::to_string(too_large) + " passes 2 GiB, the most a record can hold").c_str());
    return to_numpy(std::move(framed));
}

}  // namespace headrace
