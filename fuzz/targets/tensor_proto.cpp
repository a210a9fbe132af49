// read_tensor. A tensor written again in the simplest form must be read as the same tensor.
#include "records/tensor_proto.hpp"

#include <bit>

#include "input.hpp"
#include "records/wire.hpp"

using namespace headrace;
using fuzz::require;

namespace {

constexpr uint64_t kFillLimit = 1 << 16;

void write_varint(std::vector<uint8_t>& to, uint64_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
    to.push_back(static_cast<uint8_t>(value));
}

void write_field(std::vector<uint8_t>& to, uint32_t number, Span bytes) {
    to.push_back(static_cast<uint8_t>(number << 3 | kLengthDelimited));
    write_varint(to, bytes.size());
    to.insert(to.end(), bytes.at, bytes.end);
}

Span view(const std::vector<uint8_t>& bytes) { return {bytes.data(), bytes.data() + bytes.size()}; }

std::vector<uint8_t> serialize(const Tensor& tensor) {
    std::vector<uint8_t> message{1 << 3 | kVarint}, dims;
    write_varint(message, static_cast<uint64_t>(tensor.type));
    for (const int64_t size : tensor.shape) {
        std::vector<uint8_t> dim{1 << 3 | kVarint};
        write_varint(dim, static_cast<uint64_t>(size));
        write_field(dims, 2, view(dim));
    }
    write_field(message, 2, view(dims));
    for (const Span& string : tensor.strings) write_field(message, 8, string);
    if (tensor.numbers.size())
        write_field(message, 4, {tensor.numbers.data(), tensor.numbers.data() + tensor.numbers.size()});
    return message;
}

void require_same(const Tensor& one, const Tensor& other) {
    require(one.type == other.type && one.shape == other.shape, "type or shape differs");
    require(one.numbers.size() == other.numbers.size() && one.strings.size() == other.strings.size(), "sizes differ");
    if (one.numbers.size())
        require(!std::memcmp(one.numbers.data(), other.numbers.data(), one.numbers.size()), "numbers differ");
    for (size_t i = 0; i < one.strings.size(); ++i)
        require(one.strings[i].text() == other.strings[i].text(), "strings differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Tensor tensor = read_tensor({data, data + size}, kFillLimit);
    if (tensor.fault != TensorFault::kNone) return 0;
    uint64_t elements = 1;
    for (const int64_t dimension : tensor.shape) elements *= static_cast<uint64_t>(dimension);
    require(tensor.numbers.size() <= std::max<uint64_t>(kFillLimit, 16 * size), "memory exceeds the message's size and the fill limit");
    require(tensor.strings.size() <= elements, "more strings than the shape implies");
    if (tensor.type != kStringType && elements) require(tensor.numbers.size() % elements == 0, "the last element is incomplete");
    const std::vector<uint8_t> message = serialize(tensor);
    const fuzz::Block block(view(message));
    const Tensor again = read_tensor(block.span(), kFillLimit);
    require(again.fault == TensorFault::kNone, "the serialised tensor cannot be read");
    require_same(tensor, again);
    return 0;
}
