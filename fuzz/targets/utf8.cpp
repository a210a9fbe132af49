// is_utf8 against a decoder of single characters. ASCII before the bytes varies their position in a block.
#include "bytes/utf8.hpp"

#include <vector>

#include "input.hpp"

using namespace headrace;

namespace {

// The length of the character at `at`, or 0 if it is invalid: decodes it and requires the shortest form.
size_t character_length(const std::vector<uint8_t>& bytes, size_t at) {
    const uint8_t first = bytes[at];
    if (first < 0x80) return 1;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc0 || first >= 0xf8 || length > bytes.size() - at) return 0;
    uint32_t value = first & (0x7f >> length);
    for (size_t i = 1; i < length; ++i) {
        if ((bytes[at + i] & 0xc0) != 0x80) return 0;
        value = value << 6 | (bytes[at + i] & 0x3f);
    }
    constexpr uint32_t kMinValue[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    return value < kMinValue[length] || value > 0x10ffff || surrogate ? 0 : length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    std::vector<uint8_t> bytes(input.byte() % 130, 'a');
    const fuzz::Block rest = input.bytes();
    bytes.insert(bytes.end(), rest.data(), rest.data() + rest.size());
    bool expected = true;
    for (size_t at = 0; at < bytes.size() && expected;) {
        const size_t length = character_length(bytes, at);
        expected = length > 0;
        at += length;
    }
    const fuzz::Block text({bytes.data(), bytes.data() + bytes.size()});
    fuzz::require(is_utf8(text.span()) == expected, "is_utf8 differs from the reference");
    fuzz::require(is_utf8_portable(text.span()) == expected, "is_utf8_portable differs from the reference");
    return 0;
}
