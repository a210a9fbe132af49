// PNG lines are unfiltered as the specification says, images resampled within their range; damaged PNG files and EXIF data
// are read within their bounds.
#include <cstdlib>
#include <memory>
#include <vector>

#include "images/inflate_library.hpp"
#include "images/orientation.hpp"
#include "images/png_image.hpp"
#include "images/resample.hpp"
#include "images/unfilter.hpp"
#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

// The definition of the filters, byte by byte; section 9.2 of the specification.
bool unfilter_slowly(std::vector<uint8_t>& lines, size_t height, size_t width, size_t pixel_bytes) {
    const size_t size = width * pixel_bytes;
    const std::vector<uint8_t> zeros(size);
    for (size_t y = 0; y < height; ++y) {
        uint8_t* line = lines.data() + y * (size + 1) + 1;
        const uint8_t* above = y ? line - size - 1 : zeros.data();
        if (line[-1] > 4) return false;
        for (size_t i = 0; i < size; ++i) {
            const bool is_first = i < pixel_bytes;
            const int a = is_first ? 0 : line[i - pixel_bytes], b = above[i], c = is_first ? 0 : above[i - pixel_bytes];
            const int p = a + b - c, pa = std::abs(p - a), pb = std::abs(p - b), pc = std::abs(p - c);
            const int predicted[] = {0, a, b, (a + b) / 2, pa <= pb && pa <= pc ? a : pb <= pc ? b : c};
            line[i] = static_cast<uint8_t>(line[i] + predicted[line[-1]]);
        }
    }
    return true;
}

void check_filters(fuzz::Input& input) {
    const size_t pixel_bytes = 1 + input.byte() % 4, width = 1 + input.byte() % 20;
    const fuzz::Block block = input.bytes();
    const size_t height = block.size() / (width * pixel_bytes + 1), size = height * (width * pixel_bytes + 1);
    if (!size) return;
    const auto lines = std::make_unique<uint8_t[]>(size);
    std::memcpy(lines.get(), block.data(), size);
    std::vector<uint8_t> expected(block.data(), block.data() + size);
    const bool is_valid = unfilter_slowly(expected, height, width, pixel_bytes);
    require(unfilter(lines.get(), height, width, pixel_bytes) == is_valid, "a filter is judged otherwise");
    if (is_valid) require(!std::memcmp(lines.get(), expected.data(), size), "a line differs");
}

void append_number(std::vector<uint8_t>& file, size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<uint8_t>(number >> shift));
}

void append_chunk(std::vector<uint8_t>& file, const char* kind, const fuzz::Block& data) {
    append_number(file, data.size());
    const size_t start = file.size();
    file.insert(file.end(), kind, kind + 4);
    file.insert(file.end(), data.data(), data.data() + data.size());
    append_number(file, crc32({file.data() + start, file.data() + file.size()}));
}

// A file with the right checksums, of the chunks that are given.
std::vector<uint8_t> build_png(fuzz::Input& input) {
    constexpr const char* kKinds[] = {"IDAT", "IDAT", "tEXt", "PLTE", "IEND"};
    std::vector<uint8_t> header;
    append_number(header, 1 + input.byte() % 40);
    append_number(header, 1 + input.byte() % 40);
    header.insert(header.end(), {8, static_cast<uint8_t>(input.byte() % 8), 0, 0, 0});
    std::vector<uint8_t> file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    append_chunk(file, "IHDR", fuzz::Block({header.data(), header.data() + header.size()}));
    const size_t kind = input.byte();
    size_t place = 0;
    for (const fuzz::Block& record : input.records()) append_chunk(file, kKinds[place++ ? 0 : kind % 2], record);
    append_chunk(file, "IEND", fuzz::Block({}));
    return file;
}

void decode_png(PngImage& image, Span file) {
    for (const size_t channels : {1, 3, 4}) {
        if (!image.open(file) || image.height() * image.width() > (1 << 20)) return;
        const auto pixels = std::make_unique<uint8_t[]>(image.height() * image.width() * channels);
        image.decode(pixels.get(), channels);
    }
}

void check_png(fuzz::Input& input) {
    PngImage image;
    if (input.byte() & 1) {
        const fuzz::Block file = input.bytes();
        return decode_png(image, file.span());
    }
    const std::vector<uint8_t> built = build_png(input);
    const fuzz::Block file({built.data(), built.data() + built.size()});
    decode_png(image, file.span());
}

void check_orientation(fuzz::Input& input) {
    const size_t height = 1 + input.byte() % 5, width = 1 + input.byte() % 5, channels = 1 + input.byte() % 4;
    const fuzz::Block file = input.bytes();
    const int orientation = read_jpeg_orientation(file.span());
    require(orientation >= 1 && orientation <= 8, "no such orientation");
    const size_t size = height * width * channels;
    const auto stored = std::make_unique<uint8_t[]>(size), upright = std::make_unique<uint8_t[]>(size);
    size_t sum = 0;
    for (size_t i = 0; i < size; ++i) sum += stored[i] = static_cast<uint8_t>(i);
    turn_pixels(stored.get(), height, width, channels, orientation, upright.get());
    for (size_t i = 0; i < size; ++i) sum -= upright[i];
    require(sum == 0, "a pixel is lost");
}

// Weights of no sign add up to one, so resampled pixels stay between the least and the greatest; copies stay what they are.
void check_resampling(fuzz::Input& input) {
    const size_t height = 1 + input.byte() % 12, width = 1 + input.byte() % 12;
    const size_t new_height = 1 + input.byte() % 30, new_width = 1 + input.byte() % 30;
    const auto method = static_cast<Resampling>(input.byte() % 3);
    const bool has_channels_last = input.byte() & 1;
    const fuzz::Block image = input.bytes(height * width * 3);
    if (image.size() < height * width * 3) return;
    Resampler resampler(new_height, new_width, method);
    const auto pixels = std::make_unique<float[]>(new_height * new_width * 3);
    require(resampler.resample({image.data(), height, width, 3 * width}, {}, has_channels_last, pixels.get()), "refused");
    const auto [least, most] = std::minmax_element(image.data(), image.data() + image.size());
    for (size_t i = 0; i < new_height * new_width * 3; ++i)
        require(pixels[i] >= *least - 1e-3F && pixels[i] <= *most + 1e-3F, "a pixel is out of range");
    if (height != new_height || width != new_width || !has_channels_last) return;
    for (size_t i = 0; i < image.size(); ++i) require(pixels[i] == image.data()[i], "a pixel differs");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    require(open_inflate_library(""), "zlib is not installed");
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    switch (input.byte() % 4) {
        case 0: check_filters(input); break;
        case 1: check_png(input); break;
        case 2: check_resampling(input); break;
        default: check_orientation(input);
    }
    return 0;
}
