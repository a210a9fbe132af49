#include <nanobind/stl/pair.h>

#include <algorithm>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/ndarray.hpp"
#include "images/decode_images.hpp"
#include "images/inflate_library.hpp"
#include "images/jpeg_library.hpp"
#include "images/resize_images.hpp"

namespace headrace {

namespace {

template <typename T>
using Pixels = nb::ndarray<T, nb::ndim<4>, nb::c_contig, nb::device::cpu>;

ImageFiles to_files(const Input<int64_t>& offsets, const Input<uint8_t>& data) {
    check_offsets(offsets, data.shape(0), "offsets");
    return {{offsets.data(), offsets.shape(0)}, data.data()};
}

template <typename T>
PixelShape to_shape(const Pixels<T>& pixels, size_t files, bool channels_last) {
    const size_t channels = pixels.shape(channels_last ? 3 : 1);
    if (pixels.shape(0) != files || (channels != 1 && channels != 3 && channels != 4))
        raise_value_error("pixels: expected the pixels of " + std::to_string(files) + " files in 1, 3 or 4 channels");
    return {pixels.shape(channels_last ? 1 : 2), pixels.shape(channels_last ? 2 : 3), channels, channels_last};
}

Output<int64_t> decode_numpy(Input<int64_t> offsets, Input<uint8_t> data, Pixels<uint8_t> pixels, bool channels_last) {
    const ImageFiles files = to_files(offsets, data);
    const PixelShape shape = to_shape(pixels, files.count(), channels_last);
    Buffer<int64_t> left;
    {
        nb::gil_scoped_release release;
        left = decode_images(files, shape, pixels.data());
    }
    return to_numpy(std::move(left));
}

std::vector<ChannelStep> to_steps(const Input<uint8_t>& kinds, const Input<float>& constants) {
    check_size(constants, 3 * kinds.shape(0), "constants");
    std::vector<ChannelStep> steps;
    for (size_t i = 0; i < kinds.shape(0); ++i) {
        if (kinds.data()[i] > static_cast<uint8_t>(PixelStep::kDivide)) raise_value_error("steps: no such step");
        const float* each = constants.data() + 3 * i;
        steps.push_back({static_cast<PixelStep>(kinds.data()[i]), {each[0], each[1], each[2]}});
    }
    return steps;
}

Output<int64_t> resize_numpy(Input<int64_t> offsets, Input<uint8_t> data, Pixels<float> pixels, bool channels_last,
                             Resampling method, std::pair<size_t, size_t> ratio, bool shrink, Input<uint8_t> steps,
                             Input<float> constants) {
    const ImageFiles files = to_files(offsets, data);
    const PixelShape shape = to_shape(pixels, files.count(), channels_last);
    if (shape.channels != 3 || !shape.height || !shape.width) raise_value_error("pixels: expected 3 channels and no empty side");
    if (!ratio.first != !ratio.second || std::max(ratio.first, ratio.second) > (1 << 30))
        raise_value_error("ratio: expected two integers up to 2**30, or two zeros");
    const ResizePlan plan{method, ratio.first, ratio.second, shrink, to_steps(steps, constants)};
    Buffer<int64_t> left;
    {
        nb::gil_scoped_release release;
        left = resize_images(files, shape, plan, pixels.data());
    }
    return to_numpy(std::move(left));
}

}  // namespace

void bind_images(nb::module_& m) {
    m.def("open_jpeg_library", [](nb::bytes module) { return open_jpeg_library(module.c_str()); }, nb::arg("module"));
    m.def("open_inflate_library", [](nb::bytes module) { return open_inflate_library(module.c_str()); }, nb::arg("module"));
    m.def("decode_images", &decode_numpy, nb::arg("offsets").noconvert(), nb::arg("data").noconvert(),
          nb::arg("pixels").noconvert(), nb::arg("channels_last"));
    m.def("resize_images", &resize_numpy, nb::arg("offsets").noconvert(), nb::arg("data").noconvert(),
          nb::arg("pixels").noconvert(), nb::arg("channels_last"), nb::arg("method"), nb::arg("ratio"), nb::arg("shrink"),
          nb::arg("steps").noconvert(), nb::arg("constants").noconvert());
}

}  // namespace headrace
