#include "bindings/column_bindings.hpp"

#include <string>
#include <utility>
#include <variant>

namespace headrace {

nb::object to_python(const RecordFailure& failure) {
    if (failure.fault == RecordFault::kNone) return nb::none();
    const auto detail = [&](int64_t value) {
        return failure.fault == RecordFault::kKind ? nb::cast(static_cast<ValueKind>(value)) : nb::cast(value);
    };
    return nb::make_tuple(failure.fault, failure.row, failure.feature, detail(failure.found), detail(failure.expected),
                          failure.step);
}

void check_records(const Input<uint8_t>& data, const Input<int64_t>& starts, const Input<int64_t>& lengths,
                   size_t footer) {
    check_size(lengths, starts.shape(0), "lengths");
    const auto size = static_cast<int64_t>(data.shape(0)) - static_cast<int64_t>(footer);
    for (size_t i = 0; i < starts.shape(0); ++i) {
        const int64_t start = starts.data()[i], length = lengths.data()[i];
        if (start < 0 || length < 0 || start > size || length > size - start)
            raise_value_error("record " + std::to_string(i) + " lies outside the data");
    }
}

void check_places(const Input<int32_t>& files, const Input<int64_t>& offsets, const Input<int64_t>& lengths) {
    check_size(offsets, files.shape(0), "offsets");
    check_size(lengths, files.shape(0), "lengths");
    constexpr int64_t kFrame = kHeaderSize + kFooterSize;
    for (size_t i = 0; i < files.shape(0); ++i)
        if (offsets.data()[i] < 0 || lengths.data()[i] < kFrame || lengths.data()[i] > INT32_MAX + kFrame)
            raise_value_error("record " + std::to_string(i) + " has an impossible place");
}

namespace {

template <typename Enum>
Enum to_enum(nb::handle given, const char* name) {
    Enum value;
    if (nb::try_cast(given, value)) return value;
    raise_value_error(std::string(name) + ": not a member of the enumeration: " + nb::repr(given).c_str());
}

}  // namespace

FeatureSpec to_spec(nb::handle given) {
    const auto t = nb::cast<nb::tuple>(given);
    if (t.size() != 8) raise_value_error("expected a feature (name, kind, layout, size, required, utf8, lowest, highest)");
    FeatureSpec spec{nb::cast<std::string>(t[0]), to_enum<ValueKind>(t[1], "kind"),
                     to_enum<Layout>(t[2], "layout"), nb::cast<int64_t>(t[3]), nb::cast<bool>(t[4]),
                     nb::cast<bool>(t[5]), nb::cast<int64_t>(t[6]), nb::cast<int64_t>(t[7])};
    if (spec.kind == kNoKind) raise_value_error("kind: expected BYTES, FLOAT or INT64, got NONE");
    if (spec.layout == Layout::kRaw && spec.kind != kBytes) raise_value_error("layout: RAW requires kind BYTES");
    if (spec.size < 0 || spec.size > INT32_MAX) raise_value_error("size: expected 0 to 2**31 - 1, got " + std::to_string(spec.size));
    return spec;
}

std::vector<FeatureSpec> to_specs(nb::list given) {
    std::vector<FeatureSpec> specs;
    for (nb::handle feature : given) specs.push_back(to_spec(feature));
    return specs;
}

namespace {

Output<int32_t> narrow_offsets(const Buffer<int64_t>& offsets) {
    Buffer<int32_t> narrow;
    int32_t* to = narrow.extend(offsets.size());
    for (size_t i = 0; i < offsets.size(); ++i) to[i] = static_cast<int32_t>(offsets[i]);
    return to_numpy(std::move(narrow));
}

// (values, offsets or None)
nb::tuple release_values(FloatValues& values) { return nb::make_tuple(to_numpy(std::move(values.data)), nb::none()); }
nb::tuple release_values(Int64Values& values) { return nb::make_tuple(to_numpy(std::move(values.data)), nb::none()); }
nb::tuple release_values(BytesValues& values) {
    return nb::make_tuple(to_numpy(std::move(values.data)), narrow_offsets(values.offsets));
}

}  // namespace

nb::object release_validity(Validity& validity, int64_t rows) {
    if (!validity.nulls()) return nb::none();
    return nb::cast(to_numpy(std::move(validity.finish(rows))));
}

nb::tuple release_column(ColumnBuilder& column, int64_t rows) {
    nb::tuple values = std::visit([](auto& held) { return release_values(held); }, column.values);
    nb::object row_splits = nb::none();
    if (column.spec.layout == Layout::kList) row_splits = nb::cast(to_numpy(std::move(column.row_splits)));
    return nb::make_tuple(values[0], values[1], row_splits, release_validity(column.validity, rows));
}

nb::tuple to_python(const FeatureSummary& f) {
    return nb::make_tuple(nb::bytes(f.name.data(), f.name.size()), static_cast<ValueKind>(f.kind), f.present, f.min_count, f.max_count, f.text);
}

ColumnArgument::ColumnArgument(nb::tuple t, int64_t rows) {
    if (t.size() != 8) raise_value_error("expected a column (name, kind, values, offsets, row_splits, count, present, utf8)");
    view.name = nb::cast<std::string>(t[0]);
    view.kind = to_enum<ValueKind>(t[1], "kind");
    view.count = nb::cast<int64_t>(t[5]);
    row_splits = nb::cast<std::optional<Input<int64_t>>>(t[4]);
    present = nb::cast<std::optional<Input<uint8_t>>>(t[6]);
    view.utf8 = nb::cast<bool>(t[7]);
    check_rows(rows, set_values(t));
}

int64_t ColumnArgument::set_values(const nb::tuple& t) {
    if (view.kind == kFloat) {
        floats = nb::cast<Input<float>>(t[2]);
        view.floats = floats->data();
        return static_cast<int64_t>(floats->shape(0));
    }
    if (view.kind == kInt64) {
        ints = nb::cast<Input<int64_t>>(t[2]);
        view.ints = ints->data();
        return static_cast<int64_t>(ints->shape(0));
    }
    if (view.kind != kBytes) raise_value_error("kind: expected BYTES, FLOAT or INT64, got NONE");
    bytes = nb::cast<Input<uint8_t>>(t[2]);
    offsets = nb::cast<Input<int64_t>>(t[3]);
    check_offsets(*offsets, bytes->shape(0), "offsets");
    view.bytes = bytes->data();
    view.offsets = offsets->data();
    return static_cast<int64_t>(offsets->shape(0)) - 1;
}

void ColumnArgument::check_rows(int64_t rows, int64_t values) {
    if (present) check_size(*present, static_cast<size_t>(rows), "present");
    view.present = present ? present->data() : nullptr;
    if (row_splits) {
        check_offsets(*row_splits, static_cast<size_t>(values), "row_splits");
        check_size(*row_splits, static_cast<size_t>(rows) + 1, "row_splits");
        view.row_splits = row_splits->data();
    } else if (view.count < 0 || (view.count && rows > values / view.count)) {
        raise_value_error("values: expected " + std::to_string(view.count) + " per row, got " + std::to_string(values) + " for " + std::to_string(rows) + " rows");
    }
}

std::vector<ColumnArgument> to_columns(nb::list columns, int64_t rows) {
    std::vector<ColumnArgument> given;
    for (nb::handle column : columns) given.emplace_back(nb::cast<nb::tuple>(column), rows);
    return given;
}

std::vector<ColumnView> to_views(const std::vector<ColumnArgument>& given) {
    std::vector<ColumnView> views;
    for (const ColumnArgument& column : given) views.push_back(column.view);
    return views;
}

}  // namespace headrace
