#include "images/orientation.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace headrace {

namespace {

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr size_t kMostEntries = 512;  // of a directory
constexpr uint32_t kOrientation = 0x0112, kShort = 3;
constexpr uint8_t kApp1 = 0xE1, kStartOfScan = 0xDA, kEnd = 0xD9;

std::string_view find_exif(std::string_view file) {
    size_t place = 2;
    const auto byte = [&](size_t at) { return static_cast<uint8_t>(file[at]); };
    while (place + 4 <= file.size() && byte(place) == 0xFF) {
        const uint8_t kind = byte(place + 1);
        if (kind == 0xFF) {  // fill bytes may precede a marker
            ++place;
            continue;
        }
        if (kind == kStartOfScan || kind == kEnd) break;
        const size_t size = static_cast<size_t>(byte(place + 2)) << 8 | byte(place + 3);
        const size_t end = std::min(place + 2 + size, file.size()), start = place + 4;
        if (kind == kApp1 && file.substr(start).starts_with(kExif))
            return end > start ? file.substr(start, end - start) : std::string_view();
        place += 2 + size;
    }
    return {};
}

struct Fields {
    std::string_view data;
    bool is_big_endian;

    bool holds(size_t at, size_t size) const { return at <= data.size() && size <= data.size() - at; }
    uint32_t read(size_t at, size_t size) const {
        uint32_t value = 0;
        for (size_t i = 0; i < size; ++i)
            value |= static_cast<uint32_t>(static_cast<uint8_t>(data[at + i])) << 8 * (is_big_endian ? size - 1 - i : i);
        return value;
    }
};

int read_orientation(std::string_view exif) {
    if (exif.starts_with(kExif)) exif.remove_prefix(kExif.size());
    const bool is_big_endian = exif.starts_with("MM");
    if (!is_big_endian && !exif.starts_with("II")) return 1;
    const Fields fields{exif, is_big_endian};
    if (!fields.holds(4, 4)) return 1;
    const size_t start = fields.read(4, 4);
    if (!fields.holds(start, 2)) return 1;
    const size_t entries = std::min<size_t>(fields.read(start, 2), kMostEntries);
    for (size_t i = 0; i < entries; ++i) {
        const size_t entry = start + 2 + 12 * i;
        if (!fields.holds(entry, 10)) return 1;
        if (fields.read(entry, 2) != kOrientation) continue;
        const uint32_t value = fields.read(entry + 8, 2);
        return fields.read(entry + 2, 2) == kShort && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
}

}  // namespace

int read_jpeg_orientation(Span file) { return read_orientation(find_exif(file.text())); }

void turn_pixels(const uint8_t* stored, size_t height, size_t width, size_t channels, int orientation, uint8_t* upright) {
    const bool swaps = is_transposed(orientation);
    const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const auto pixel = static_cast<ptrdiff_t>(channels), line = static_cast<ptrdiff_t>(width) * pixel;
    const ptrdiff_t down = from_bottom ? -line : line, right = from_right ? -pixel : pixel;
    const uint8_t* start = stored + (from_bottom ? (height - 1) * width : 0) * channels + (from_right ? width - 1 : 0) * channels;
    const size_t rows = swaps ? width : height, columns = swaps ? height : width;
    for (size_t y = 0; y < rows; ++y) {
        const uint8_t* from = start + static_cast<ptrdiff_t>(y) * (swaps ? right : down);
        for (size_t x = 0; x < columns; ++x, from += swaps ? down : right, upright += channels)
            std::memcpy(upright, from, channels);
    }
}

}  // namespace headrace
