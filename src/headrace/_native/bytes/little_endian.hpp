// Unaligned access to fixed-width little-endian numbers.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace headrace {

static_assert(std::endian::native == std::endian::little, "the kernels copy numbers from and to memory unchanged");

inline uint64_t load_le64(const uint8_t* p) {
    uint64_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

inline uint32_t load_le32(const uint8_t* p) {
    uint32_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

// Faster than a call of memcmp for a few bytes.
inline bool same_bytes(const void* left, const void* right, size_t size) {
    const auto *a = static_cast<const uint8_t*>(left), *b = static_cast<const uint8_t*>(right);
    for (; size >= 8; a += 8, b += 8, size -= 8)
        if (load_le64(a) != load_le64(b)) return false;
    if (size >= 4) {
        if (load_le32(a) != load_le32(b)) return false;
        a += 4, b += 4, size -= 4;
    }
    for (; size; ++a, ++b, --size)
        if (*a != *b) return false;
    return true;
}

inline void store_le64(uint8_t* p, uint64_t value) { std::memcpy(p, &value, sizeof value); }

inline void store_le32(uint8_t* p, uint32_t value) { std::memcpy(p, &value, sizeof value); }

}  // namespace headrace
