// Images as planes: [channels, height, width] values of one type, row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__GNUC__)
#define HEADRACE_INLINE inline __attribute__((always_inline))
#else
#define HEADRACE_INLINE inline
#endif

// Each iteration of the loop reads and writes values of its own, also where it changes an array in place.
#if defined(__GNUC__) && !defined(__clang__)
#define HEADRACE_INDEPENDENT _Pragma("GCC ivdep")
#else
#define HEADRACE_INDEPENDENT
#endif

namespace headrace {

struct Shape {
    size_t channels, height, width;

    size_t area() const { return height * width; }
    size_t size() const { return channels * area(); }
};

// Pixels outside the image.
enum class PixelFill : int {
    kEdge,      // the nearest pixel
    kReflect,   // mirrored at the edge, which lies between pixels
    kConstant,  // one value per channel
};

// The range of values, and their rounding to the type of the result: half to even. NaN stays NaN.
struct ValueRange {
    float low, high;

    HEADRACE_INLINE float clip(float value) const { return value < low ? low : value > high ? high : value; }
};

HEADRACE_INLINE void store(float value, float& out) { out = value; }

// Adding 2**23 rounds a float of 0 to 255 half to even and leaves the integer in its lowest bits.
HEADRACE_INLINE void store(float value, uint8_t& out) {
    const float shifted = value + 8388608.0f;
    uint32_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    out = static_cast<uint8_t>(bits);
}

}  // namespace headrace
