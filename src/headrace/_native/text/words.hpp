// Vocabularies: the place of each string among known ones, and how often each distinct string occurs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "text/text.hpp"
#include "text/word_table.hpp"

namespace headrace {

// The place of a string in a list; of one that is there twice, its first.
class WordIndex {
public:
    explicit WordIndex(const Strings& words);

    // Each string's place, or -1, written to `places`.
    void find(const Strings& strings, int64_t* places) const;

private:
    WordTable table_;
    std::vector<int64_t> places_;
};

// Counts of distinct strings, the empty one left out.
class WordCounts {
public:
    size_t size() const { return table_.size(); }
    const WordTable& table() const { return table_; }
    const std::vector<int64_t>& counts() const { return counts_; }
    const std::vector<int64_t>& rows() const { return rows_; }

    void add(const Strings& strings);

    // The same, and in how many rows each occurs: row i holds the strings splits[i] up to splits[i + 1].
    void add_in_rows(const Strings& strings, const int64_t* splits, size_t rows);

    // Strings that were counted elsewhere; those without a count are left out.
    void add_counted(const Strings& words, const int64_t* counts, const int64_t* rows);
    void merge(const WordCounts& other);

private:
    // The same number, with room for its counts.
    uint32_t counted(uint32_t number);

    WordTable table_;
    std::vector<int64_t> counts_, rows_;
    std::vector<int64_t> last_;  // the row, from 1, that each word was last seen in
    int64_t seen_ = 0;           // rows
};

}  // namespace headrace
