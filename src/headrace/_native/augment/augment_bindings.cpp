#include <nanobind/stl/pair.h>

#include <string>

#include "augment/augment.hpp"
#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"

namespace headrace {

namespace {

template <typename T, size_t kDimensions>
using Table = nb::ndarray<const T, nb::ndim<kDimensions>, nb::c_contig, nb::device::cpu>;
using Images = nb::ndarray<nb::ro, nb::ndim<4>, nb::c_contig, nb::device::cpu>;
using Out = nb::ndarray<nb::ndim<4>, nb::c_contig, nb::device::cpu>;

constexpr float kLargestDeviation = 1000;

static_assert(sizeof(AffineMap) == 6 * sizeof(double) && sizeof(Hole) == 4 * sizeof(int64_t));

void check(bool holds, const char* message) {
    if (!holds) raise_value_error(message);
}

template <typename Array>
Shape shape_of(const Array& images) {
    return {images.shape(1), images.shape(2), images.shape(3)};
}

void check_ops(const Table<uint8_t, 2>& ops, const Table<float, 3>& values, size_t channels) {
    const size_t width = values.shape(2);
    const uint8_t* data = ops.data();
    for (size_t i = 0; i < ops.size(); ++i) {
        check(data[i] < kColourOps, "ops: expected members of ColourOp");
        const ColourOp op = static_cast<ColourOp>(data[i]);
        check(op != ColourOp::kAdd || width >= channels, "values: expected one per channel for ADD");
        check(op != ColourOp::kBlur || values.data()[i * width] <= kLargestDeviation, "values: expected at most 1000 pixels for BLUR");
    }
}

void augment_numpy(Images images, Out out, Table<double, 2> maps, PixelFill fill, Table<float, 1> fill_values,
                   std::pair<size_t, size_t> blocks, Table<uint8_t, 2> ops, Table<float, 3> values, float unit,
                   std::pair<float, float> limits, Table<int64_t, 3> holes, Table<float, 2> hole_values, size_t threads) {
    const size_t count = images.shape(0);
    const Shape shape = shape_of(images), size = shape_of(out);
    const bool is_byte = images.dtype() == nb::dtype<uint8_t>();
    check(is_byte || images.dtype() == nb::dtype<float>(), "images: expected uint8 or float32");
    check(out.dtype() == images.dtype() && out.shape(0) == count && size.channels == shape.channels,
          "out: expected the type, the number and the channels of the images");
    check(shape.size() && size.size(), "images: expected pixels");
    const bool moves = maps.shape(0) != 0;
    check(moves || (shape.height == size.height && shape.width == size.width), "out: expected the size of the images");
    check(!moves || (maps.shape(0) == count && maps.shape(1) == 6), "maps: expected [images, 6]");
    check(fill != PixelFill::kConstant || fill_values.shape(0) == shape.channels, "fill_values: expected one per channel");
    check(blocks.first && blocks.second && blocks.first <= shape.height && blocks.second <= shape.width, "blocks: expected a part of the image");
    const size_t steps = ops.shape(0), width = values.shape(2), hole_count = holes.shape(0);
    check(!steps || (ops.shape(1) == count && values.shape(0) == steps && values.shape(1) == count && width), "values: expected [steps, images, width]");
    if (steps) check_ops(ops, values, shape.channels);
    check(!hole_count || (holes.shape(1) == count && holes.shape(2) == 4), "holes: expected [holes, images, 4]");
    check(!hole_count || (hole_values.shape(0) == hole_count && hole_values.shape(1) == shape.channels), "hole_values: expected [holes, channels]");
    check(!is_byte || (limits.first >= 0 && limits.first <= limits.second && limits.second <= 255), "limits: expected a part of 0 to 255");
    if (!count) return;
    const Augmentation augmentation{
        count, shape, size, moves ? reinterpret_cast<const AffineMap*>(maps.data()) : nullptr, {fill, fill_values.data()},
        blocks.first, blocks.second, ops.data(), values.data(), steps, width, unit, {limits.first, limits.second},
        reinterpret_cast<const Hole*>(holes.data()), hole_values.data(), hole_count};
    const void* in = images.data();
    void* result = out.data();
    nb::gil_scoped_release release;
    if (is_byte) augment(augmentation, static_cast<const uint8_t*>(in), threads, static_cast<uint8_t*>(result));
    else augment(augmentation, static_cast<const float*>(in), threads, static_cast<float*>(result));
}

}  // namespace

void bind_augment(nb::module_& m) {
    m.def("augment_images", &augment_numpy, nb::arg("images").noconvert(), nb::arg("out").noconvert(),
          nb::arg("maps").noconvert(), nb::arg("fill"), nb::arg("fill_values").noconvert(), nb::arg("blocks"),
          nb::arg("ops").noconvert(), nb::arg("values").noconvert(), nb::arg("unit"), nb::arg("limits"),
          nb::arg("holes").noconvert(), nb::arg("hole_values").noconvert(), nb::arg("threads"));
}

}  // namespace headrace
