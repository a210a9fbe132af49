// Whether bytes are text.
#pragma once

#include "wire.hpp"

namespace headrace {

// Whether all of it is well-formed UTF-8 (Unicode 15, table 3-7).
bool is_utf8(Span bytes);

}  // namespace headrace
