// Sorts strings by their bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "text/text.hpp"

namespace headrace {

// Returns the indices that sort the strings; stable.
std::vector<int64_t> argsort_strings(const Strings& strings);

}  // namespace headrace
