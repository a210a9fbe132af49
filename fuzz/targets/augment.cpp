// Images of any size are augmented by any maps and parameters; the number of threads does not change the result.
#include <limits>
#include <type_traits>

#include "augment/augment.hpp"
#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

// A number near zero, or an odd one.
double read_number(fuzz::Input& input) {
    constexpr double kOdd[] = {0, 1, -1, 0.5, 1e300, -1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
    const uint8_t byte = input.byte();
    return byte < std::size(kOdd) ? kOdd[byte] : (byte - 128) / 32.0;
}

AffineMap read_map(fuzz::Input& input, const Shape& shape, const Shape& size) {
    if (input.byte() & 1)
        return {read_number(input), read_number(input), read_number(input), read_number(input), read_number(input), read_number(input)};
    const auto shift = [&](size_t from, size_t to) { return input.byte() - 128 + ((from - to) % 2 ? 0.5 : 0.0); };
    const double x = input.byte() & 1 ? 1 : -1, y = input.byte() & 1 ? 1 : -1;
    return {x, 0, shift(shape.width, size.width), 0, y, shift(shape.height, size.height)};
}

Hole read_hole(fuzz::Input& input) {
    const auto place = [&] {
        const uint8_t byte = input.byte();
        return byte == 0 ? INT64_MIN : byte == 1 ? INT64_MAX : int64_t{byte} - 100;
    };
    return {place(), place(), place(), place()};
}

template <typename T>
void augment_input(fuzz::Input& input) {
    const auto length = [&](size_t limit) { return 1 + input.byte() % limit; };
    const size_t count = length(4), channels = length(8);
    const Shape shape{channels, length(24), length(24)};
    const bool moves = input.byte() % 3 > 0;
    const Shape size{channels, moves ? length(24) : shape.height, moves ? length(24) : shape.width};
    std::vector<AffineMap> maps;
    for (size_t i = 0; moves && i < count; ++i) maps.push_back(read_map(input, shape, size));
    const size_t steps = input.byte() % 5, hole_count = input.byte() % 3;
    std::vector<uint8_t> ops(steps * count);
    std::vector<float> values(ops.size() * channels), hole_values(hole_count * channels, 3), fill(channels, 7);
    for (size_t i = 0; i < ops.size(); ++i) {
        ops[i] = input.byte() % kColourOps;
        for (size_t channel = 0; channel < channels; ++channel) {
            const float value = static_cast<float>(read_number(input));
            const bool is_wide = static_cast<ColourOp>(ops[i]) == ColourOp::kBlur && !(value <= 4);
            values[i * channels + channel] = is_wide ? 4 : value;
        }
    }
    std::vector<Hole> holes;
    for (size_t i = 0; i < hole_count * count; ++i) holes.push_back(read_hole(input));
    const bool averages = moves && input.byte() & 1;
    const size_t block_height = averages ? length(shape.height) : 1, block_width = averages ? length(shape.width) : 1;
    constexpr bool kIsByte = std::is_same_v<T, uint8_t>;
    const ValueRange range{kIsByte ? 0.0f : -1e30f, kIsByte ? 255.0f : 1e30f};
    const Augmentation augmentation{
        count, shape, size, moves ? maps.data() : nullptr, {static_cast<PixelFill>(input.byte() % 3), fill.data()},
        block_height, block_width, ops.data(), values.data(), steps, channels, kIsByte ? 255.0f : 1.0f, range,
        holes.data(), hole_values.data(), hole_count};
    const auto images = std::make_unique<T[]>(count * shape.size());
    for (size_t i = 0; i < count * shape.size(); ++i) images[i] = static_cast<T>(input.byte());
    const auto out = std::make_unique<T[]>(count * size.size()), again = std::make_unique<T[]>(count * size.size());
    augment(augmentation, images.get(), 1, out.get());
    augment(augmentation, images.get(), 3, again.get());
    require(!std::memcmp(out.get(), again.get(), count * size.size() * sizeof(T)), "threads change the result");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    input.byte() & 1 ? augment_input<uint8_t>(input) : augment_input<float>(input);
    return 0;
}
