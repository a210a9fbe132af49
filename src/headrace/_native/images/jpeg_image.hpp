// One JPEG file, decoded by the library of `jpeg_library.hpp`.
#pragma once

#include <setjmp.h>

#include <cstddef>
#include <cstdint>

#include "bytes/span.hpp"
#include "images/jpeg_library.hpp"

namespace headrace {

// Decodes what the library decodes without a warning. All other files need the decoder in Python: it separates damage
// from harmless defects: the methods return false, and the object is of no further use.
class JpegImage {
public:
    JpegImage() = default;
    ~JpegImage() { close(); }
    JpegImage(const JpegImage&) = delete;
    JpegImage& operator=(const JpegImage&) = delete;

    // Reads the header of a file, which must stay in memory.
    bool open(Span file);

    size_t height() const { return state_.output_height; }
    size_t width() const { return state_.output_width; }

    // Decodes at 1/`divisor` of the size: 1, 2, 4 or 8. Sizes are rounded up.
    void shrink(unsigned divisor);

    // Writes pixels [height, width, channels]: gray, or red-green-blue.
    bool decode(uint8_t* pixels, size_t channels);

    void close();

private:
    static void leave(JpegState* state);

    JpegErrors errors_{};  // first: `leave` finds the object by its address
    jmp_buf leave_;
    JpegState state_;
    const JpegLibrary* library_ = nullptr;  // set while `state_` is created
};

}  // namespace headrace
