#include "images/unfilter.hpp"

#include <cstdlib>

#include "bytes/target_clones.hpp"

namespace headrace {

namespace {

enum Filter : uint8_t { kNone, kSub, kUp, kAverage, kPaeth };

HEADRACE_TARGET_CLONES
void add_line(uint8_t* line, const uint8_t* above, size_t size) {
    for (size_t i = 0; i < size; ++i) line[i] = static_cast<uint8_t>(line[i] + above[i]);
}

// The neighbour nearest to left + above - corner; left before above before corner.
inline int predict(int left, int above, int corner) {
    const int to_left = std::abs(above - corner), to_above = std::abs(left - corner);
    const int to_corner = std::abs(left + above - 2 * corner);
    const int other = to_above <= to_corner ? above : corner;
    return to_left <= to_above && to_left <= to_corner ? left : other;
}

template <size_t kBytes>
void undo_sub(uint8_t* line, size_t width) {
    uint8_t left[kBytes] = {};
    for (; width; --width, line += kBytes)
        for (size_t i = 0; i < kBytes; ++i) line[i] = left[i] = static_cast<uint8_t>(line[i] + left[i]);
}

template <size_t kBytes>
void undo_average(uint8_t* line, const uint8_t* above, size_t width) {
    int left[kBytes] = {};
    for (; width; --width, line += kBytes)
        for (size_t i = 0; i < kBytes; ++i) {
            const int up = above ? *above++ : 0;
            left[i] = (line[i] + (left[i] + up) / 2) & 255;
            line[i] = static_cast<uint8_t>(left[i]);
        }
}

template <size_t kBytes>
void undo_paeth(uint8_t* line, const uint8_t* above, size_t width) {
    int left[kBytes] = {}, corner[kBytes] = {};
    for (; width; --width, line += kBytes, above += kBytes)
        for (size_t i = 0; i < kBytes; ++i) {
            left[i] = (line[i] + predict(left[i], above[i], corner[i])) & 255;
            corner[i] = above[i];
            line[i] = static_cast<uint8_t>(left[i]);
        }
}

template <size_t kBytes>
bool unfilter_lines(uint8_t* lines, size_t height, size_t width) {
    const size_t size = width * kBytes;
    const uint8_t* above = nullptr;  // zeros, above the first line
    for (uint8_t* line = lines; height; --height, line += size) {
        const uint8_t filter = *line++;
        if (filter > kPaeth) return false;
        if (filter == kSub || (filter == kPaeth && !above)) undo_sub<kBytes>(line, width);
        else if (filter == kUp && above) add_line(line, above, size);
        else if (filter == kAverage) undo_average<kBytes>(line, above, width);
        else if (filter == kPaeth) undo_paeth<kBytes>(line, above, width);
        above = line;
    }
    return true;
}

}  // namespace

bool unfilter(uint8_t* lines, size_t height, size_t width, size_t pixel_bytes) {
    switch (pixel_bytes) {
        case 1: return unfilter_lines<1>(lines, height, width);
        case 2: return unfilter_lines<2>(lines, height, width);
        case 3: return unfilter_lines<3>(lines, height, width);
        case 4: return unfilter_lines<4>(lines, height, width);
        default: return false;
    }
}

}  // namespace headrace
