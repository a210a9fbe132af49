// Numbers distinct strings in the order of first occurrence: a hash table with open addressing. All strings share one
// buffer of bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "bytes/little_endian.hpp"

namespace headrace {

// A view of a string's bytes.
struct Word {
    const uint8_t* data;
    size_t size;
};

class WordTable {
public:
    static constexpr uint32_t kNotFound = 0xffffffff;

    WordTable() : slots_(kFewestSlots) {}

    size_t size() const { return hashes_.size(); }
    size_t bytes() const { return data_.size(); }

    Word operator[](size_t number) const {
        const uint64_t start = number ? ends_[number - 1] : 0;
        return {data_.data() + start, static_cast<size_t>(ends_[number] - start)};
    }

    // Reserves memory for `words` words if the table is empty.
    void reserve(size_t words) {
        if (!size()) slots_.assign(std::bit_ceil(std::max(2 * words, kFewestSlots)), Slot());
    }

    // The word's number, or kNotFound.
    uint32_t find(Word word) const { return slots_[find_slot(word, hash(word))].number; }

    // The word's number; adds the word if it is new.
    uint32_t add(Word word) { return add(word, hash(word)); }

    // Adds a word of another table, whose hash is known.
    uint32_t add_from(const WordTable& other, size_t number) { return add(other[number], other.hashes_[number]); }

    const Buffer<uint8_t>& data() const { return data_; }
    const std::vector<uint64_t>& ends() const { return ends_; }

private:
    struct Slot {
        uint32_t tag = 0;  // the hash's upper half
        uint32_t number = kNotFound;
    };
    static constexpr size_t kFewestSlots = 64;
    static constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15, kFinalMultiplier = 0xd6e8feb86659fd93;

    static uint64_t mix(uint64_t hash, uint64_t piece) {
        hash = (hash ^ piece) * kMultiplier;
        return hash ^ hash >> 32;
    }

    // Hashes eight bytes at a time; the last eight may overlap those before.
    static uint64_t hash(Word word) {
        const auto [at, size] = word;
        uint64_t hash = size * kFinalMultiplier;
        if (size >= 8) {
            for (size_t i = 0; i + 8 < size; i += 8) hash = mix(hash, load_le64(at + i));
            return finalize(mix(hash, load_le64(at + size - 8)));
        }
        if (size >= 4) return finalize(mix(hash, uint64_t{load_le32(at)} << 32 | load_le32(at + size - 4)));
        uint64_t piece = 0;
        for (size_t i = 0; i < size; ++i) piece = piece << 8 | at[i];
        return finalize(mix(hash, piece));
    }

    static uint64_t finalize(uint64_t hash) {
        hash *= kFinalMultiplier;
        return hash ^ hash >> 29;
    }

    // The index of the word's slot, or of the empty slot where it belongs.
    size_t find_slot(Word word, uint64_t hash) const {
        const size_t mask = slots_.size() - 1;
        const uint32_t tag = static_cast<uint32_t>(hash >> 32);
        for (size_t i = hash & mask;; i = (i + 1) & mask) {
            const Slot& at = slots_[i];
            if (at.number == kNotFound || (at.tag == tag && equals(at.number, word))) return i;
        }
    }

    bool equals(uint32_t number, Word word) const {
        const Word known = (*this)[number];
        return known.size == word.size && same_bytes(known.data, word.data, word.size);
    }

    uint32_t add(Word word, uint64_t hash) {
        const size_t at = find_slot(word, hash);
        if (slots_[at].number != kNotFound) return slots_[at].number;
        if (size() >= kNotFound) throw std::bad_alloc();
        const uint32_t number = static_cast<uint32_t>(size());
        data_.append(word.data, word.size);
        ends_.push_back(data_.size());
        hashes_.push_back(hash);
        slots_[at] = {static_cast<uint32_t>(hash >> 32), number};
        if (2 * size() > slots_.size()) grow();
        return number;
    }

    void grow() {
        slots_.assign(4 * slots_.size(), Slot());
        const size_t mask = slots_.size() - 1;
        for (uint32_t number = 0; number < size(); ++number) {
            size_t i = hashes_[number] & mask;
            while (slots_[i].number != kNotFound) i = (i + 1) & mask;
            slots_[i] = {static_cast<uint32_t>(hashes_[number] >> 32), number};
        }
    }

    std::vector<Slot> slots_;  // their number is a power of two; at most half are in use
    std::vector<uint64_t> hashes_, ends_;
    Buffer<uint8_t> data_;
};

}  // namespace headrace
