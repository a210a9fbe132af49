// UTF-8 validation.
#pragma once

#include "bytes/span.hpp"

namespace headrace {

// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7). Uses AVX2 if available, detected at run time.
bool is_utf8(Span bytes);

// Copies the bytes, and returns whether they are well-formed UTF-8: one pass where they are ASCII.
bool copy_utf8(Span bytes, uint8_t* to);

// Character-by-character implementation for any processor.
bool is_utf8_portable(Span bytes);

}  // namespace headrace
