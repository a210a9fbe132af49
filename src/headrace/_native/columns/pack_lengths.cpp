#include "columns/pack_lengths.hpp"

#include <bit>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace headrace {

namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// A set of small numbers that finds its smallest element from a number on. A bit of a level says whether a word of
// the level below is not zero.
class NumberSet {
public:
    explicit NumberSet(size_t limit) {
        do {
            limit = (limit + 63) / 64;
            levels_.emplace_back(limit, 0);
        } while (limit > 1);
    }

    void insert(size_t number) {
        for (auto& level : levels_) {
            level[number / 64] |= uint64_t{1} << (number % 64);
            number /= 64;
        }
    }

    void erase(size_t number) {
        for (auto& level : levels_) {
            level[number / 64] &= ~(uint64_t{1} << (number % 64));
            if (level[number / 64]) return;
            number /= 64;
        }
    }

    // Returns `kNone` if no element is at least `number`.
    size_t find_from(size_t number) const {
        for (size_t height = 0; height < levels_.size(); ++height) {
            const auto& level = levels_[height];
            if (number / 64 >= level.size()) return kNone;
            const uint64_t found = level[number / 64] & (~uint64_t{0} << (number % 64));
            if (found) return descend(height, number / 64 * 64 + std::countr_zero(found));
            number = number / 64 + 1;
        }
        return kNone;
    }

private:
    size_t descend(size_t height, size_t number) const {
        while (height > 0) number = number * 64 + std::countr_zero(levels_[--height][number]);
        return number;
    }

    std::vector<std::vector<uint64_t>> levels_;
};

// Returns the numbers of the items, the longest first, equal ones in order.
std::vector<uint32_t> sort_descending(std::span<const int64_t> lengths, size_t capacity) {
    std::vector<uint32_t> ends(capacity + 2, 0);
    for (const int64_t length : lengths) ++ends[capacity - length + 1];
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    std::vector<uint32_t> order(lengths.size());
    for (size_t item = 0; item < lengths.size(); ++item) order[ends[capacity - lengths[item]]++] = item;
    return order;
}

void check(std::span<const int64_t> lengths, size_t capacity) {
    if (capacity > kMaxCapacity || lengths.size() >= kNone)
        throw std::invalid_argument("expected a capacity of at most " + std::to_string(kMaxCapacity) + ", got " +
                                    std::to_string(capacity));
    for (const int64_t length : lengths)
        if (length < 1 || static_cast<uint64_t>(length) > capacity)
            throw std::invalid_argument("expected lengths from 1 to " + std::to_string(capacity) + ", got " +
                                        std::to_string(length));
}

}  // namespace

size_t pack_lengths(std::span<const int64_t> lengths, size_t capacity, int64_t* bins) {
    check(lengths, capacity);
    NumberSet spaces(capacity + 1);                  // the free spaces of open bins
    std::vector<uint32_t> heads(capacity + 1, kNone);  // for each free space, the last bin that has it
    std::vector<uint32_t> next;                      // for each bin, the next one with the same free space
    for (const uint32_t item : sort_descending(lengths, capacity)) {
        const size_t length = static_cast<size_t>(lengths[item]);
        size_t space = spaces.find_from(length);
        uint32_t bin;
        if (space == kNone) {
            bin = static_cast<uint32_t>(next.size());
            next.push_back(kNone);
            space = capacity;
        } else {
            bin = heads[space];
            heads[space] = next[bin];
            if (heads[space] == kNone) spaces.erase(space);
        }
        bins[item] = bin;
        if (const size_t left = space - length; left > 0) {
            next[bin] = heads[left];
            heads[left] = bin;
            spaces.insert(left);
        }
    }
    return next.size();
}

}  // namespace headrace
