// Kernels over any strings and any table of bytes, held against the plainest code there is.
#include "text/text.hpp"

#include <map>
#include <string>
#include <vector>

#include "input.hpp"
#include "text/words.hpp"

using namespace headrace;
using fuzz::require;

namespace {

std::string plain_map(const std::string& text, const uint16_t* table) {
    std::string mapped;
    for (const char c : text)
        if (const uint16_t becomes = table[static_cast<uint8_t>(c)]; becomes < kDrop) mapped += static_cast<char>(becomes);
    return mapped;
}

std::vector<std::string> plain_pieces(const std::string& text, const uint16_t* table) {
    std::vector<std::string> pieces;
    size_t start = 0;
    for (size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && table[static_cast<uint8_t>(text[i])] != kCut) continue;
        const std::string piece = plain_map(text.substr(start, i - start), table);
        if (!piece.empty()) pieces.push_back(piece);
        start = i + 1;
    }
    return pieces;
}

// The owned strings, as others come.
Strings view(const OwnStrings& own) { return {own.offsets.data(), own.offsets.size() - 1, own.data.data()}; }

void require_same(const Strings& found, const std::vector<std::string>& expected) {
    require(found.count == expected.size(), "as many strings");
    for (size_t i = 0; i < expected.size(); ++i) {
        const Span string{found.data + found.offsets[i], found.data + found.offsets[i + 1]};
        require(string.text() == expected[i], "the same strings");
    }
}

void require_counts(const Strings& strings, const std::vector<std::string>& words) {
    std::map<std::string, int64_t> expected, places;
    for (size_t i = 0; i < words.size(); ++i) {
        places.emplace(words[i], static_cast<int64_t>(i));
        if (!words[i].empty()) ++expected[words[i]];
    }
    WordCounts counts;
    counts.add(strings);
    require(counts.size() == expected.size(), "as many words");
    for (size_t i = 0; i < counts.size(); ++i) {
        const Word word = counts.table()[i];
        require(expected[std::string(word.data, word.data + word.size)] == counts.counts()[i], "the same counts");
    }
    std::vector<int64_t> found(strings.count);
    WordIndex(strings).find(strings, found.data());
    for (size_t i = 0; i < words.size(); ++i) require(found[i] == places[words[i]], "the same places");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint8_t lowest = input.byte(), every = input.byte(), dropped = input.byte();
    uint16_t table[256];
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_kept = byte >= lowest && (every < 2 || byte % every);
        table[byte] = !is_kept ? kCut : dropped > 1 && byte % dropped == 0 ? kDrop : static_cast<uint16_t>(byte ^ 32);
    }
    std::vector<int32_t> offsets{0};
    std::string all;
    std::vector<std::string> given, mapped, pieces;
    std::vector<size_t> splits{0};
    for (const fuzz::Block& string : input.records()) {
        const std::string text(string.span().text());
        all += text;
        offsets.push_back(static_cast<int32_t>(all.size()));
        given.push_back(text);
        mapped.push_back(plain_map(text, table));
        for (const std::string& piece : plain_pieces(text, table)) pieces.push_back(piece);
        splits.push_back(pieces.size());
    }
    const auto* start = reinterpret_cast<const uint8_t*>(all.data());
    const fuzz::Block bytes({start, start + all.size()});
    const Strings strings{offsets.data(), offsets.size() - 1, bytes.data()};
    const OwnStrings own = map_bytes(strings, table);
    require_same(view(own), mapped);
    const Tokens tokens = cut_bytes(strings, table);
    require(tokens.row_splits.size() == splits.size(), "as many rows");
    for (size_t i = 0; i < splits.size(); ++i)
        require(static_cast<size_t>(tokens.row_splits[i]) == splits[i], "pieces in their rows");
    require_same(view(tokens.strings), pieces);
    require_counts(strings, given);
    std::vector<uint32_t> hashes(strings.count);
    murmur3_32(strings, 0, hashes.data());
    return 0;
}
