// Vocabularies: looks up strings in a list, and counts distinct strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "text/text.hpp"
#include "text/word_table.hpp"

namespace headrace {

// Maps strings to their positions in a list; the first position if a string occurs twice.
class WordIndex {
public:
    explicit WordIndex(const Strings& words);

    // Writes each string's position, or -1, to `positions`.
    void find(const Strings& strings, int64_t* positions) const;

private:
    WordTable table_;
    std::vector<int64_t> positions_;
};

// Numbers distinct strings in the order of first occurrence.
class WordNumbers {
public:
    size_t size() const { return table_.size(); }
    const WordTable& table() const { return table_; }

    // Adds strings; writes the number of each to `numbers`.
    void add(const Strings& strings, int32_t* numbers);

    // Adds the strings of another object; writes the number of each here to `numbers`.
    void merge(const WordNumbers& other, int64_t* numbers);

private:
    WordTable table_;
};

// Counts distinct strings, except for the empty string.
class WordCounts {
public:
    size_t size() const { return table_.size(); }
    const WordTable& table() const { return table_; }
    const std::vector<int64_t>& counts() const { return counts_; }
    const std::vector<int64_t>& rows() const { return rows_; }

    void add(const Strings& strings);

    // Also counts the rows that contain each string. Row i consists of the strings from splits[i] up to splits[i + 1].
    void add_in_rows(const Strings& strings, const int64_t* splits, size_t rows);

    // Adds strings with their counts. Strings with a count of 0 are ignored.
    void add_counted(const Strings& words, const int64_t* counts, const int64_t* rows);
    void merge(const WordCounts& other);

private:
    // Makes sure that the word has counters; returns its number.
    uint32_t ensure_counts(uint32_t number);

    WordTable table_;
    std::vector<int64_t> counts_, rows_;
    std::vector<int64_t> last_;  // the last row, counted from 1, that contained each word
    int64_t seen_ = 0;           // the number of rows seen
};

}  // namespace headrace
