// Fixed-width little-endian numbers in bytes of any alignment.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace headrace {

static_assert(std::endian::native == std::endian::little, "the kernels copy numbers as they lie in memory");

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

inline void store_le64(uint8_t* p, uint64_t value) { std::memcpy(p, &value, sizeof value); }

inline void store_le32(uint8_t* p, uint32_t value) { std::memcpy(p, &value, sizeof value); }

}  // namespace headrace
