// What the text of a CSV cell can be read as.
#pragma once

#include <cstdint>

#include "bytes/span.hpp"

namespace headrace {

// Bits, so that the cells of a column are described by their union.
enum CellKind : uint16_t {
    kMissingCell = 1,       // blank, or a word that means "missing" with or without spaces around it
    kBooleanCell = 2,       // true, True, TRUE, false, False, FALSE
    kExactInteger = 4,      // an integer of at most 2**53, which float64 holds exactly
    kLongInteger = 8,       // another integer of int64
    kUnsignedInteger = 16,  // another integer of uint64
    kNegativeInteger = 32,  // set with one of the others
    kPaddedInteger = 64,    // digits after a zero or a plus sign, as in zip codes and telephone numbers
    kHugeInteger = 128,     // an integer beyond uint64 and int64
    kFloatCell = 256,       // another number of float64
    kHugeFloat = 512,       // a number beyond float64
    kTextCell = 1024,       // anything else
};

// Returns the bits of one cell, without its quotes. Spaces and tabs around a number are ignored.
uint16_t classify_cell(Span cell);

}  // namespace headrace
