// tokenize and murmur3_32 on any strings, held against the plainest tokenizer there is.
#include "text.hpp"

#include <string>

#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

std::vector<std::string> plain_tokens(const std::string& text, const uint8_t* is_token, bool lower_ascii) {
    std::vector<std::string> tokens;
    bool inside = false;
    for (const char c : text) {
        const bool kept = is_token[static_cast<uint8_t>(c)];
        if (kept && !inside) tokens.emplace_back();
        if (kept) tokens.back() += lower_ascii && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        inside = kept;
    }
    return tokens;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const bool lower_ascii = input.byte() & 1;
    const uint8_t lowest = input.byte(), every = input.byte();
    uint8_t is_token[256];
    for (int byte = 0; byte < 256; ++byte) is_token[byte] = byte >= lowest && (every < 2 || byte % every);
    std::vector<int32_t> offsets{0};
    std::string all;
    std::vector<std::string> expected;
    std::vector<size_t> splits{0};
    for (const fuzz::Block& string : input.records()) {
        const std::string text(string.span().text());
        all += text;
        offsets.push_back(static_cast<int32_t>(all.size()));
        for (const std::string& token : plain_tokens(text, is_token, lower_ascii)) expected.push_back(token);
        splits.push_back(expected.size());
    }
    const auto* start = reinterpret_cast<const uint8_t*>(all.data());
    const fuzz::Block bytes({start, start + all.size()});
    const Strings strings{offsets.data(), offsets.size() - 1, bytes.data()};
    const Tokens tokens = tokenize(strings, is_token, lower_ascii);
    require(tokens.offsets.size() == expected.size() + 1 && tokens.row_splits.size() == splits.size(), "as many tokens");
    for (size_t i = 0; i < splits.size(); ++i)
        require(static_cast<size_t>(tokens.row_splits[i]) == splits[i], "tokens in their rows");
    for (size_t i = 0; i < expected.size(); ++i) {
        const uint8_t* from = tokens.data.data();
        const Span token{from + tokens.offsets[i], from + tokens.offsets[i + 1]};
        require(token.text() == expected[i], "the same tokens");
    }
    std::vector<uint32_t> hashes(strings.count);
    murmur3_32(strings, 0, hashes.data());
    return 0;
}
