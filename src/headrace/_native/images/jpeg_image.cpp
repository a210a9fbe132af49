#include "images/jpeg_image.hpp"

#include <algorithm>
#include <cstring>

#include "images/limits.hpp"

namespace headrace {

namespace {

constexpr int kGray = 1, kRgb = 2, kYcc = 3;  // colour spaces
constexpr unsigned kLinesAtOnce = 16;

size_t count_scans(Span file) {
    size_t count = 0;
    for (const uint8_t* at = file.at; at + 1 < file.end; ++at) {
        at = static_cast<const uint8_t*>(std::memchr(at, 0xFF, static_cast<size_t>(file.end - at) - 1));
        if (!at) break;
        count += at[1] == 0xDA;
    }
    return count;
}

bool has_too_many_scans(Span file, size_t pixels) {
    return pixels * (file.size() / 2) > kPixelLimit * kMostScans && pixels * count_scans(file) > kPixelLimit * kMostScans;
}

}  // namespace

void JpegImage::leave(JpegState* state) { longjmp(reinterpret_cast<JpegImage*>(state->errors)->leave_, 1); }

bool JpegImage::open(Span file) {
    close();
    const JpegLibrary* library = jpeg_library();
    if (!library) return false;
    std::memset(&state_, 0, sizeof state_);
    state_.errors = library->std_error(&errors_);
    errors_.exit = leave;
    errors_.output = [](JpegState*) {};
    errors_.emit = [](JpegState* state, int level) {
        if (level < 0) leave(state);  // a warning: the data is damaged
    };
    if (setjmp(leave_)) return false;
    library->create(&state_, kJpegVersion, sizeof state_);
    library_ = library;
    library->set_source(&state_, file.at, file.size());
    library->read_header(&state_, 1);
    const size_t pixels = static_cast<size_t>(state_.width) * state_.height;
    if (pixels > kPixelLimit || has_too_many_scans(file, pixels)) return false;
    const int space = state_.colour_space;
    if (space != kGray && space != kRgb && space != kYcc) return false;
    shrink(1);
    return true;
}

void JpegImage::shrink(unsigned divisor) {
    state_.scale_numerator = 1;
    state_.scale_denominator = divisor;
    state_.output_width = (state_.width + divisor - 1) / divisor;  // as the library computes them
    state_.output_height = (state_.height + divisor - 1) / divisor;
}

bool JpegImage::decode(uint8_t* pixels, size_t channels) {
    if (channels != 1 && channels != 3) return false;
    state_.output_colour_space = channels == 1 ? kGray : kRgb;
    if (setjmp(leave_)) return false;
    const unsigned width = state_.output_width, height = state_.output_height;
    library_->start(&state_);
    if (state_.output_width != width || state_.output_height != height || static_cast<size_t>(state_.output_components) != channels)
        return false;
    while (state_.output_line < height) {
        uint8_t* lines[kLinesAtOnce];
        const unsigned count = std::min(kLinesAtOnce, height - state_.output_line);
        for (unsigned i = 0; i < count; ++i) lines[i] = pixels + (state_.output_line + i) * width * channels;
        if (!library_->read_lines(&state_, lines, count)) return false;
    }
    library_->finish(&state_);
    return true;
}

void JpegImage::close() {
    if (library_) library_->destroy(&state_);
    library_ = nullptr;
}

}  // namespace headrace
