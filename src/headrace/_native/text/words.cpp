#include "text/words.hpp"

#include <limits>
#include <new>

namespace headrace {

namespace {

Word word_at(const Strings& strings, size_t i) {
    return {strings.data + strings.offsets[i], static_cast<size_t>(strings.offsets[i + 1] - strings.offsets[i])};
}

}  // namespace

WordIndex::WordIndex(const Strings& words) {
    for (size_t i = 0; i < words.count; ++i)
        if (table_.add(word_at(words, i)) == positions_.size()) positions_.push_back(static_cast<int64_t>(i));
}

void WordIndex::find(const Strings& strings, int64_t* positions) const {
    for (size_t i = 0; i < strings.count; ++i) {
        const uint32_t number = table_.find(word_at(strings, i));
        positions[i] = number == WordTable::kNotFound ? -1 : positions_[number];
    }
}

void WordNumbers::add(const Strings& strings, int32_t* numbers) {
    for (size_t i = 0; i < strings.count; ++i) numbers[i] = static_cast<int32_t>(table_.add(word_at(strings, i)));
    if (size() > std::numeric_limits<int32_t>::max()) throw std::bad_alloc();
}

void WordNumbers::merge(const WordNumbers& other, int64_t* numbers) {
    for (size_t i = 0; i < other.size(); ++i) numbers[i] = table_.add_from(other.table_, i);
}

uint32_t WordCounts::ensure_counts(uint32_t number) {
    if (number == counts_.size()) {
        counts_.push_back(0);
        rows_.push_back(0);
        last_.push_back(0);
    }
    return number;
}

void WordCounts::add(const Strings& strings) {
    for (size_t i = 0; i < strings.count; ++i)
        if (const Word word = word_at(strings, i); word.size) ++counts_[ensure_counts(table_.add(word))];
}

void WordCounts::add_in_rows(const Strings& strings, const int64_t* splits, size_t rows) {
    for (size_t row = 0; row < rows; ++row) {
        ++seen_;
        for (int64_t i = splits[row]; i < splits[row + 1]; ++i) {
            const Word word = word_at(strings, static_cast<size_t>(i));
            if (!word.size) continue;
            const uint32_t number = ensure_counts(table_.add(word));
            ++counts_[number];
            rows_[number] += last_[number] != seen_;
            last_[number] = seen_;
        }
    }
}

void WordCounts::add_counted(const Strings& words, const int64_t* counts, const int64_t* rows) {
    table_.reserve(words.count);
    for (size_t i = 0; i < words.count; ++i) {
        const Word word = word_at(words, i);
        if (!word.size || !counts[i]) continue;
        const uint32_t number = ensure_counts(table_.add(word));
        counts_[number] += counts[i];
        rows_[number] += rows[i];
    }
}

void WordCounts::merge(const WordCounts& other) {
    for (size_t i = 0; i < other.size(); ++i) {
        const uint32_t number = ensure_counts(table_.add_from(other.table_, i));
        counts_[number] += other.counts_[i];
        rows_[number] += other.rows_[i];
    }
}

}  // namespace headrace
