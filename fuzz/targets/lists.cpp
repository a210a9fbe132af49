// Lists are padded as their definition says, and lengths are packed into bins that hold them.
#include <cstring>
#include <stdexcept>
#include <vector>

#include "columns/pack_lengths.hpp"
#include "columns/pad_lists.hpp"
#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

void pad(fuzz::Input& input) {
    constexpr size_t kWidths[] = {1, 2, 3, 4, 8, 16};
    const size_t width = kWidths[input.byte() % std::size(kWidths)];
    const size_t length = input.byte() % 40;
    std::vector<int64_t> splits{input.byte() % 3};
    for (int lists = input.byte() % 20; lists > 0; --lists) splits.push_back(splits.back() + input.byte() % 50);
    const fuzz::Block fill = input.bytes(width);
    const fuzz::Block values = input.bytes(static_cast<size_t>(splits.back()) * width);
    if (fill.size() < width || values.size() < static_cast<size_t>(splits.back()) * width) return;
    const size_t rows = splits.size() - 1;
    const auto out = std::make_unique<uint8_t[]>(rows * length * width);
    pad_lists(values.data(), splits, length, {fill.data(), width}, out.get());
    for (size_t row = 0; row < rows; ++row)
        for (size_t place = 0; place < length; ++place) {
            const bool is_value = static_cast<int64_t>(place) < splits[row + 1] - splits[row];
            const uint8_t* expected = is_value ? values.data() + (splits[row] + place) * width : fill.data();
            require(!std::memcmp(out.get() + (row * length + place) * width, expected, width), "a value differs");
        }
}

void pack(fuzz::Input& input) {
    const size_t capacity = 1 + (input.byte() | static_cast<size_t>(input.byte()) << 8);
    std::vector<int64_t> lengths;
    for (const fuzz::Block& record : input.records()) lengths.push_back(static_cast<int64_t>(record.size()));
    std::vector<int64_t> bins(lengths.size());
    size_t count = 0;
    try {
        count = pack_lengths(lengths, capacity, bins.data());
    } catch (const std::invalid_argument&) {
        return;
    }
    std::vector<size_t> used(count, 0);
    for (size_t item = 0; item < lengths.size(); ++item) {
        require(bins[item] >= 0 && static_cast<size_t>(bins[item]) < count, "a bin does not exist");
        used[bins[item]] += static_cast<size_t>(lengths[item]);
    }
    for (const size_t each : used) require(each > 0 && each <= capacity, "a bin is empty or overfull");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    input.byte() & 1 ? pad(input) : pack(input);
    return 0;
}
