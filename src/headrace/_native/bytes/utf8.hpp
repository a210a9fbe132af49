// Whether bytes are text.
#pragma once

#include "records/wire.hpp"

namespace headrace {

// Whether all of it is well-formed UTF-8 (Unicode 15, table 3-7). By vectors where the processor has AVX2, found out at
// run time.
bool is_utf8(Span bytes);

// The same a character at a time, on any processor.
bool is_utf8_portable(Span bytes);

}  // namespace headrace
