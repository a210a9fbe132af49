#include "images/png_image.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "bytes/target_clones.hpp"
#include "images/limits.hpp"
#include "images/unfilter.hpp"

namespace headrace {

namespace {

constexpr std::string_view kStart("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
constexpr size_t kHeader = 13, kChecksum = 4;
constexpr std::string_view kOtherKinds[] = {"PLTE", "tRNS", "eXIf", "IHDR", "acTL"};  // which need another decoder

uint32_t read_uint32(const uint8_t* at) {
    return static_cast<uint32_t>(at[0]) << 24 | static_cast<uint32_t>(at[1]) << 16 | static_cast<uint32_t>(at[2]) << 8 | at[3];
}

size_t count_channels(uint8_t colour_type) {
    switch (colour_type) {
        case 0: return 1;
        case 2: return 3;
        case 6: return 4;
        default: return 0;
    }
}

HEADRACE_TARGET_CLONES
void spread_gray(const uint8_t* line, size_t width, uint8_t* pixels) {
    for (size_t x = 0; x < width; ++x) pixels[3 * x] = pixels[3 * x + 1] = pixels[3 * x + 2] = line[x];
}

HEADRACE_TARGET_CLONES
void drop_alpha(const uint8_t* line, size_t width, uint8_t* pixels) {
    for (size_t x = 0; x < width; ++x) {
        pixels[3 * x] = line[4 * x];
        pixels[3 * x + 1] = line[4 * x + 1];
        pixels[3 * x + 2] = line[4 * x + 2];
    }
}

}  // namespace

bool PngImage::open(Span file) {
    const size_t start = kStart.size() + kHeader + kChecksum;
    if (file.size() < start || !file.text().starts_with(kStart)) return false;
    const uint8_t* header = file.at + kStart.size();
    width_ = read_uint32(header);
    height_ = read_uint32(header + 4);
    stored_channels_ = count_channels(header[9]);
    if (header[8] != 8 || !stored_channels_ || header[10] || header[11] || header[12]) return false;
    if (!width_ || !height_ || width_ > kPixelLimit || height_ > kPixelLimit / width_) return false;
    chunks_ = {file.at + start, file.end};
    lines_.truncate(0);
    return true;
}

// Decompresses the data of all chunks; the checksum of the header is verified with theirs.
bool PngImage::inflate(uint8_t* lines, size_t size) {
    const uint8_t* header = chunks_.at - kChecksum - kHeader - 4;
    if (!inflater_.begin(lines, size)) return false;
    if (crc32({header, chunks_.at - kChecksum}) != read_uint32(chunks_.at - kChecksum)) return false;
    Span left = chunks_;
    while (left.size() >= 12) {
        const size_t length = read_uint32(left.at);
        const Span kind{left.at + 4, left.at + 8};
        if (kind.text() == "IEND") return inflater_.is_complete();
        if (length > left.size() - 12 || std::ranges::find(kOtherKinds, kind.text()) != std::end(kOtherKinds)) return false;
        const Span data{kind.end, kind.end + length};
        if (kind.text() == "IDAT")
            if (crc32({kind.at, data.end}) != read_uint32(data.end) || !inflater_.append(data)) return false;
        left.at = data.end + kChecksum;
    }
    return false;
}

bool PngImage::decode(uint8_t* pixels, size_t channels) {
    if (channels != stored_channels_ && channels != 3) return false;
    const size_t line_bytes = width_ * stored_channels_;
    lines_.truncate(0);
    uint8_t* lines = lines_.extend(height_ * (line_bytes + 1));
    if (!inflate(lines, lines_.size()) || !unfilter(lines, height_, width_, stored_channels_)) return false;
    for (size_t y = 0; y < height_; ++y, pixels += width_ * channels) {
        const uint8_t* line = lines + y * (line_bytes + 1) + 1;
        if (channels == stored_channels_) std::memcpy(pixels, line, line_bytes);
        else if (stored_channels_ == 1) spread_gray(line, width_, pixels);
        else drop_alpha(line, width_, pixels);
    }
    return true;
}

}  // namespace headrace
