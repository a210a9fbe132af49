// Decodes the bytes that a fuzz target is given: numbers from the front, then records.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "bytes/span.hpp"

namespace fuzz {

// Aborts with `failure` unless the condition holds.
inline void require(bool condition, const char* failure) {
    if (condition) return;
    std::fprintf(stderr, "check failed: %s\n", failure);
    std::abort();
}

// A copy of bytes in a heap block of exactly their size, so that the sanitizer detects any read out of bounds.
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

    // Reads a byte; 0 if none is left.
    uint8_t byte() { return left_.size() ? *left_.at++ : uint8_t{0}; }

    // Reads all that is left, at most `limit` bytes.
    Block bytes(size_t limit = SIZE_MAX) {
        const headrace::Span read{left_.at, left_.at + std::min(limit, left_.size())};
        left_.at = read.end;
        return Block(read);
    }

    // Reads records until nothing is left: two bytes of length, then that many bytes, or as many as are left.
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
