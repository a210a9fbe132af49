// A growing array of trivially copyable values whose memory can be passed to NumPy without a copy.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "bytes/block_allocator.hpp"

namespace headrace {

template <typename T>
class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { free_block(data_); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return size_; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }

    void reserve(size_t count) {
        if (count > capacity_) reallocate(count);
    }

    // Adds `count` uninitialised values at the end and returns a pointer to them.
    T* extend(size_t count) {
        if (count > capacity_ - size_) grow(count);
        T* start = data_ + size_;
        size_ += count;
        return start;
    }

    void push(T value) { *extend(1) = value; }

    void append(const void* source, size_t count) {
        if (count) std::memcpy(extend(count), source, count * sizeof(T));
    }

    void append_zeros(size_t count) {
        if (count) std::memset(extend(count), 0, count * sizeof(T));
    }

    void truncate(size_t size) { size_ = size; }

    // Transfers ownership of the memory, to be freed by `free_block`, and leaves the buffer empty. Never returns null.
    T* release() {
        if (!data_ || size_ < capacity_ / 2) shrink();
        size_ = capacity_ = 0;
        return std::exchange(data_, nullptr);
    }

private:
    static constexpr size_t kMaxSize = static_cast<size_t>(-1) / 4 / sizeof(T);

    void grow(size_t count) {
        if (count > kMaxSize - size_) throw std::bad_alloc();
        const size_t least = size_ + count;
        const size_t doubled = capacity_ * 2 + 16;
        reallocate(least > doubled ? least : doubled);
    }

    void reallocate(size_t capacity) {
        if (capacity > kMaxSize) throw std::bad_alloc();
        size_t bytes = capacity * sizeof(T);
        data_ = static_cast<T*>(grow_block(data_, size_ * sizeof(T), bytes));
        capacity_ = bytes / sizeof(T);
    }

    void shrink() {
        size_t bytes = (size_ ? size_ : 1) * sizeof(T);
        void* smaller = allocate_block(bytes);
        if (size_) std::memcpy(smaller, data_, size_ * sizeof(T));
        free_block(data_);
        data_ = static_cast<T*>(smaller);
    }

    T* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace headrace
