// Strings numbered as they first come: a hash table with open addressing over one stretch of bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "bytes/little_endian.hpp"

namespace headrace {

// Bytes that lie elsewhere.
struct Word {
    const uint8_t* data;
    size_t size;
};

class WordTable {
public:
    static constexpr uint32_t kNone = 0xffffffff;

    WordTable() : slots_(kFewest) {}

    size_t size() const { return hashes_.size(); }
    size_t bytes() const { return data_.size(); }

    Word operator[](size_t number) const {
        const uint64_t start = number ? ends_[number - 1] : 0;
        return {data_.data() + start, static_cast<size_t>(ends_[number] - start)};
    }

    // Makes room for so many words at once, where there are none yet.
    void expect(size_t words) {
        if (!size()) slots_.assign(std::bit_ceil(std::max(2 * words, kFewest)), Slot());
    }

    // The word's number, or kNone.
    uint32_t find(Word word) const { return slots_[slot(word, hash(word))].number; }

    // The word's number, which is a new one if it was not there.
    uint32_t add(Word word) { return add(word, hash(word)); }

    // The number of another table's word.
    uint32_t add_from(const WordTable& other, size_t number) { return add(other[number], other.hashes_[number]); }

    const Buffer<uint8_t>& data() const { return data_; }
    const std::vector<uint64_t>& ends() const { return ends_; }

private:
    struct Slot {
        uint32_t tag = 0;  // the hash's upper half
        uint32_t number = kNone;
    };
    static constexpr size_t kFewest = 64;
    static constexpr uint64_t kOdd = 0x9e3779b97f4a7c15, kOther = 0xd6e8feb86659fd93;

    static uint64_t mixed(uint64_t hash, uint64_t piece) {
        hash = (hash ^ piece) * kOdd;
        return hash ^ hash >> 32;
    }

    // Of each eight bytes, the last of which may overlap those before.
    static uint64_t hash(Word word) {
        const auto [at, size] = word;
        uint64_t hash = size * kOther;
        if (size >= 8) {
            for (size_t i = 0; i + 8 < size; i += 8) hash = mixed(hash, load_le64(at + i));
            return final(mixed(hash, load_le64(at + size - 8)));
        }
        if (size >= 4) return final(mixed(hash, uint64_t{load_le32(at)} << 32 | load_le32(at + size - 4)));
        uint64_t piece = 0;
        for (size_t i = 0; i < size; ++i) piece = piece << 8 | at[i];
        return final(mixed(hash, piece));
    }

    static uint64_t final(uint64_t hash) {
        hash *= kOther;
        return hash ^ hash >> 29;
    }

    // Where the word is, or the empty slot where it belongs.
    size_t slot(Word word, uint64_t hash) const {
        const size_t mask = slots_.size() - 1;
        const uint32_t tag = static_cast<uint32_t>(hash >> 32);
        for (size_t i = hash & mask;; i = (i + 1) & mask) {
            const Slot& at = slots_[i];
            if (at.number == kNone || (at.tag == tag && is(at.number, word))) return i;
        }
    }

    bool is(uint32_t number, Word word) const {
        const Word known = (*this)[number];
        return known.size == word.size && same_bytes(known.data, word.data, word.size);
    }

    uint32_t add(Word word, uint64_t hash) {
        const size_t at = slot(word, hash);
        if (slots_[at].number != kNone) return slots_[at].number;
        if (size() >= kNone) throw std::bad_alloc();
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
            while (slots_[i].number != kNone) i = (i + 1) & mask;
            slots_[i] = {static_cast<uint32_t>(hashes_[number] >> 32), number};
        }
    }

    std::vector<Slot> slots_;  // a power of two, at most half of them taken
    std::vector<uint64_t> hashes_, ends_;
    Buffer<uint8_t> data_;
};

}  // namespace headrace
