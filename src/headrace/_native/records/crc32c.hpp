// CRC-32C (Castagnoli), the checksum of TFRecord files.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Uses the processor's CRC instruction if available, detected at run time.
uint32_t crc32c(const uint8_t* data, size_t size);

// The CRC of bytes whose CRC is `crc`, followed by `size` bytes from `data` on.
uint32_t extend_crc32c(uint32_t crc, const uint8_t* data, size_t size);

// The CRC of exactly eight bytes, such as the length in a record's header.
uint32_t crc32c_word(const uint8_t* data);

// Table-driven implementation for any processor.
uint32_t crc32c_portable(const uint8_t* data, size_t size);

// TFRecord stores checksums rotated and offset, because a CRC over bytes that contain their own CRC is weak.
inline uint32_t mask_crc(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8u; }

}  // namespace headrace
