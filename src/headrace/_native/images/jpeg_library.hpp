// The libjpeg that Pillow loads, found at run time by its symbols: nothing is linked or shipped for it.
//
// The structures describe the binary interface of libjpeg 6.2, which libjpeg-turbo keeps: the fields that are used, at
// their places. `jpeg_CreateDecompress` compares version and size, and refuses a library with another interface.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

struct JpegState;

struct JpegErrors {
    void (*exit)(JpegState*);
    void (*emit)(JpegState*, int level);
    void (*output)(JpegState*);
    void (*format)(JpegState*, char*);
    void (*reset)(JpegState*);
    int code;
    int parameters[20];
    int trace_level;
    long warnings;
    const void* messages;
    int last_message;
    const void* more_messages;
    int first_more_message;
    int last_more_message;
};

struct JpegState {
    JpegErrors* errors;
    void* memory;
    void* progress;
    void* client;
    int is_decompressor;
    int phase;
    void* source;
    unsigned width;
    unsigned height;
    int components;
    int colour_space;
    int output_colour_space;
    unsigned scale_numerator;
    unsigned scale_denominator;
    double gamma;
    int options[12];
    unsigned output_width;
    unsigned output_height;
    int output_colours;
    int output_components;
    int output_lines;
    int palette_size;
    void* palette;
    unsigned output_line;
    unsigned char internals[460];
};

inline constexpr int kJpegVersion = 62;

struct JpegLibrary {
    JpegErrors* (*std_error)(JpegErrors*);
    void (*create)(JpegState*, int version, size_t size);
    void (*set_source)(JpegState*, const unsigned char*, unsigned long);
    int (*read_header)(JpegState*, int require_image);
    int (*start)(JpegState*);
    unsigned (*read_lines)(JpegState*, uint8_t** lines, unsigned count);
    int (*finish)(JpegState*);
    void (*destroy)(JpegState*);
};

// Finds the library among those that a loaded module depends on; returns whether it has the expected interface.
bool open_jpeg_library(const char* module);

// The library that was opened; null before.
const JpegLibrary* jpeg_library();

}  // namespace headrace
