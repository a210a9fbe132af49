#include "bindings/column_bindings.hpp"

#include <string>
#include <utility>
#include <variant>

namespace headrace {

nb::object to_python(const Failure& failure) {
    if (failure.fault == Fault::kNone) return nb::none();
    const auto detail = [&](int64_t value) {
        return failure.fault == Fault::kKind ? nb::cast(static_cast<Kind>(value)) : nb::cast(value);
    };
    return nb::make_tuple(failure.fault, failure.row, failure.feature, detail(failure.found), detail(failure.expected),
                          failure.step);
}

void check_records(const Input<uint8_t>& data, const Input<int64_t>& starts, const Input<int64_t>& lengths,
                   size_t behind) {
    if (starts.shape(0) != lengths.shape(0)) throw nb::value_error("as many starts as lengths are needed");
    const auto size = static_cast<int64_t>(data.shape(0)) - static_cast<int64_t>(behind);
    for (size_t i = 0; i < starts.shape(0); ++i) {
        const int64_t start = starts.data()[i], length = lengths.data()[i];
        if (start < 0 || length < 0 || start > size || length > size - start)
            throw nb::value_error("a record lies outside the data");
    }
}

namespace {

template <typename Enum>
Enum to_enum(nb::handle given, const char* name) {
    Enum value;
    if (nb::try_cast(given, value)) return value;
    throw nb::value_error((std::string(name) + ": not a member of the enumeration: " + nb::repr(given).c_str()).c_str());
}

}  // namespace

FeatureSpec to_spec(nb::handle given) {
    const auto t = nb::cast<nb::tuple>(given);
    if (t.size() != 8) throw nb::value_error("a feature is (name, kind, layout, size, required, utf8, lowest, highest)");
    FeatureSpec spec{nb::cast<std::string>(t[0]), to_enum<Kind>(t[1], "kind"),
                     to_enum<Layout>(t[2], "layout"), nb::cast<int64_t>(t[3]), nb::cast<bool>(t[4]),
                     nb::cast<bool>(t[5]), nb::cast<int64_t>(t[6]), nb::cast<int64_t>(t[7])};
    if (spec.kind == kNoKind) throw nb::value_error("kind: expected BYTES, FLOAT or INT64, got NONE");
    if (spec.layout == Layout::kRaw && spec.kind != kBytes) throw nb::value_error("the raw layout is for bytes");
    if (spec.size < 0 || spec.size > INT32_MAX) throw nb::value_error("size is not in [0, 2**31)");
    return spec;
}

std::vector<FeatureSpec> to_specs(nb::list given) {
    std::vector<FeatureSpec> specs;
    for (nb::handle feature : given) specs.push_back(to_spec(feature));
    return specs;
}

namespace {

Output<int32_t> narrowed(const Buffer<int64_t>& offsets) {
    Buffer<int32_t> narrow;
    int32_t* to = narrow.extend(offsets.size());
    for (size_t i = 0; i < offsets.size(); ++i) to[i] = static_cast<int32_t>(offsets[i]);
    return to_numpy(std::move(narrow));
}

// (values, offsets or None)
nb::tuple take_values(FloatValues& values) { return nb::make_tuple(to_numpy(std::move(values.data)), nb::none()); }
nb::tuple take_values(Int64Values& values) { return nb::make_tuple(to_numpy(std::move(values.data)), nb::none()); }
nb::tuple take_values(BytesValues& values) {
    return nb::make_tuple(to_numpy(std::move(values.data)), narrowed(values.offsets));
}

}  // namespace

nb::object take_validity(Validity& validity, int64_t rows) {
    if (!validity.nulls()) return nb::none();
    return nb::cast(to_numpy(std::move(validity.finish(rows))));
}

nb::tuple take_column(Column& column, int64_t rows) {
    nb::tuple values = std::visit([](auto& held) { return take_values(held); }, column.values);
    nb::object row_splits = nb::none();
    if (column.spec.layout == Layout::kList) row_splits = nb::cast(to_numpy(std::move(column.row_splits)));
    return nb::make_tuple(values[0], values[1], row_splits, take_validity(column.validity, rows));
}

nb::tuple to_python(const FeatureSummary& f) {
    return nb::make_tuple(nb::bytes(f.name.data(), f.name.size()), static_cast<Kind>(f.kind), f.present, f.fewest, f.most, f.text);
}

void check_splits(const Input<int64_t>& splits, int64_t last) {
    const size_t size = splits.shape(0);
    if (size == 0 || splits.data()[0] < 0 || splits.data()[size - 1] > last)
        throw nb::value_error("offsets leave the values");
    for (size_t i = 1; i < size; ++i)
        if (splits.data()[i] < splits.data()[i - 1]) throw nb::value_error("offsets fall");
}

GivenColumn::GivenColumn(nb::tuple t, int64_t rows) {
    if (t.size() != 7) throw nb::value_error("a column is (name, kind, values, offsets, row_splits, count, present)");
    view.name = nb::cast<std::string>(t[0]);
    view.kind = to_enum<Kind>(t[1], "kind");
    view.count = nb::cast<int64_t>(t[5]);
    row_splits = nb::cast<std::optional<Input<int64_t>>>(t[4]);
    present = nb::cast<std::optional<Input<uint8_t>>>(t[6]);
    check_rows(rows, take_values(t));
}

int64_t GivenColumn::take_values(const nb::tuple& t) {
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
    if (view.kind != kBytes) throw nb::value_error("kind: expected BYTES, FLOAT or INT64, got NONE");
    bytes = nb::cast<Input<uint8_t>>(t[2]);
    offsets = nb::cast<Input<int64_t>>(t[3]);
    check_splits(*offsets, static_cast<int64_t>(bytes->shape(0)));
    view.bytes = bytes->data();
    view.offsets = offsets->data();
    return static_cast<int64_t>(offsets->shape(0)) - 1;
}

void GivenColumn::check_rows(int64_t rows, int64_t values) {
    if (present && static_cast<int64_t>(present->shape(0)) != rows) throw nb::value_error("one 'present' a row");
    view.present = present ? present->data() : nullptr;
    if (row_splits) {
        check_splits(*row_splits, values);
        if (static_cast<int64_t>(row_splits->shape(0)) != rows + 1) throw nb::value_error("rows + 1 row_splits");
        view.row_splits = row_splits->data();
    } else if (view.count < 0 || (view.count && rows > values / view.count)) {
        throw nb::value_error("too few values");
    }
}

std::vector<GivenColumn> given_columns(nb::list columns, int64_t rows) {
    std::vector<GivenColumn> given;
    for (nb::handle column : columns) given.emplace_back(nb::cast<nb::tuple>(column), rows);
    return given;
}

std::vector<ColumnView> views_of(const std::vector<GivenColumn>& given) {
    std::vector<ColumnView> views;
    for (const GivenColumn& column : given) views.push_back(column.view);
    return views;
}

}  // namespace headrace
