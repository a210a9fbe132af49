// What a fuzz target makes of the bytes it is given: numbers off the front, then records.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "records/wire.hpp"

namespace fuzz {

// Ends the run: something is not as it must be.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

// Bytes in a heap block of just their size, so that the sanitizer sees any read beyond them.
class Block {
public:
    explicit Block(headrace::Span from) : size_(from.size()), data_(new uint8_t[from.size()]) {
        if (size_) std::memcpy(data_.get(), from.at, size_);
    }
    const uint8_t* data() const { return data_.get(); }
    size_t size() const { return size_; }
    headrace::Span span() const { return {data(), data() + size_}; }

private:
    size_t size_;
    std::unique_ptr<uint8_t[]> data_;
};

class Input {
public:
    Input(const uint8_t* data, size_t size) : left_{data, data + size} {}

    // 0 when nothing is left.
    uint8_t byte() { return left_.size() ? *left_.at++ : uint8_t{0}; }

    // All that is left, or `most` bytes of it.
    Block bytes(size_t most = SIZE_MAX) {
        const headrace::Span taken{left_.at, left_.at + std::min(most, left_.size())};
        left_.at = taken.end;
        return Block(taken);
    }

    // Until nothing is left: two bytes of length, and as many bytes as that says, or as are left.
    std::vector<Block> records() {
        std::vector<Block> all;
        while (left_.size()) {
            const size_t length = byte();
            all.push_back(bytes(length | static_cast<size_t>(byte()) << 8));
        }
        return all;
    }

private:
    headrace::Span left_;
};

}  // namespace fuzz
