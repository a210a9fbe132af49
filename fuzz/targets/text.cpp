// Kernels over strings with an arbitrary byte table, compared with reference implementations.
#include "text/text.hpp"

#include <map>
#include <string>
#include <vector>

#include "bytes/span.hpp"
#include "input.hpp"
#include "text/words.hpp"

using namespace headrace;
using fuzz::require;

namespace {

std::string reference_map(const std::string& text, const uint16_t* table) {
    std::string mapped;
    for (const char c : text)
        if (const uint16_t mapped_byte = table[static_cast<uint8_t>(c)]; mapped_byte < kDrop) mapped += static_cast<char>(mapped_byte);
    return mapped;
}

std::vector<std::string> reference_tokens(const std::string& text, const uint16_t* table) {
    std::vector<std::string> tokens;
    size_t start = 0;
    for (size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && table[static_cast<uint8_t>(text[i])] != kCut) continue;
        const std::string token = reference_map(text.substr(start, i - start), table);
        if (!token.empty()) tokens.push_back(token);
        start = i + 1;
    }
    return tokens;
}

// A view of owned strings.
Strings view(const OwnedStrings& own) { return {own.offsets.data(), own.offsets.size() - 1, own.data.data()}; }

void require_same(const Strings& found, const std::vector<std::string>& expected) {
    require(found.count == expected.size(), "the numbers of strings differ");
    for (size_t i = 0; i < expected.size(); ++i) {
        const Span string{found.data + found.offsets[i], found.data + found.offsets[i + 1]};
        require(string.text() == expected[i], "strings differ");
    }
}

void require_counts(const Strings& strings, const std::vector<std::string>& words) {
    std::map<std::string, int64_t> expected, positions;
    for (size_t i = 0; i < words.size(); ++i) {
        positions.emplace(words[i], static_cast<int64_t>(i));
        if (!words[i].empty()) ++expected[words[i]];
    }
    WordCounts counts;
    counts.add(strings);
    require(counts.size() == expected.size(), "the numbers of words differ");
    for (size_t i = 0; i < counts.size(); ++i) {
        const Word word = counts.table()[i];
        require(expected[std::string(word.data, word.data + word.size)] == counts.counts()[i], "counts differ");
    }
    std::vector<int64_t> found(strings.count);
    WordIndex(strings).find(strings, found.data());
    for (size_t i = 0; i < words.size(); ++i) require(found[i] == positions[words[i]], "positions differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint8_t lowest = input.byte(), period = input.byte(), drop_period = input.byte();
    uint16_t table[256];
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_kept = byte >= lowest && (period < 2 || byte % period);
        const bool is_dropped = drop_period > 1 && byte % drop_period == 0;
        table[byte] = static_cast<uint16_t>(byte ^ 32);
        if (is_dropped) table[byte] = kDrop;
        if (!is_kept) table[byte] = kCut;
    }
    std::vector<int32_t> offsets{0};
    std::string all;
    std::vector<std::string> given, mapped, tokens;
    std::vector<size_t> splits{0};
    for (const fuzz::Block& string : input.records()) {
        const std::string text(string.span().text());
        all += text;
        offsets.push_back(static_cast<int32_t>(all.size()));
        given.push_back(text);
        mapped.push_back(reference_map(text, table));
        for (const std::string& token : reference_tokens(text, table)) tokens.push_back(token);
        splits.push_back(tokens.size());
    }
    const auto* start = reinterpret_cast<const uint8_t*>(all.data());
    const fuzz::Block bytes({start, start + all.size()});
    const Strings strings{offsets.data(), offsets.size() - 1, bytes.data()};
    const OwnedStrings own = map_bytes(strings, table);
    require_same(view(own), mapped);
    const Tokens found = cut_bytes(strings, table);
    require(found.row_splits.size() == splits.size(), "the numbers of rows differ");
    for (size_t i = 0; i < splits.size(); ++i)
        require(static_cast<size_t>(found.row_splits[i]) == splits[i], "row splits differ");
    require_same(view(found.strings), tokens);
    require_counts(strings, given);
    std::vector<uint32_t> hashes(strings.count);
    murmur3_32(strings, 0, hashes.data());
    return 0;
}
