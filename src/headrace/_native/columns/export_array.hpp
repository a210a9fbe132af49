// Passes gathered columns to Arrow without a copy.
#pragma once

#include "columns/arrow_c.hpp"
#include "columns/gather.hpp"

namespace headrace {

// Transfers the buffers to `out`; its `release` frees them.
void export_array(GatheredColumn&& column, ArrowArray& out);

}  // namespace headrace
