// Maps names to numbers; fast if a record has its features in the same order as the record before.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bytes/little_endian.hpp"

namespace headrace {

class NameIndex {
public:
    // If a name occurs twice, its first number counts.
    explicit NameIndex(std::vector<std::string> names) : names_(std::move(names)) {
        for (size_t i = 0; i < names_.size(); ++i) numbers_.emplace(names_[i], static_cast<int>(i));
    }
    NameIndex(const NameIndex&) = delete;
    NameIndex& operator=(const NameIndex&) = delete;

    // The number of the name at this position of a record, or -1.
    int find(std::string_view name, size_t position) {
        if (position >= kMaxPositions) return look_up(name);
        if (position >= last_found_.size()) last_found_.resize(position + 1, -1);
        const int last = last_found_[position];
        if (last >= 0 && same(names_[static_cast<size_t>(last)], name)) return last;
        return last_found_[position] = look_up(name);
    }

private:
    static constexpr size_t kMaxPositions = 1 << 16;  // beyond, positions are not cached

    static bool same(const std::string& known, std::string_view name) {
        return known.size() == name.size() && same_bytes(known.data(), name.data(), name.size());
    }

    int look_up(std::string_view name) const {
        const auto known = numbers_.find(name);
        return known == numbers_.end() ? -1 : known->second;
    }

    std::vector<std::string> names_;
    std::unordered_map<std::string_view, int> numbers_;  // keys are views of names_
    std::vector<int> last_found_;                            // the number last found at each position, or -1
};

}  // namespace headrace
