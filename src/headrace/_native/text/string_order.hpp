// Strings in the order of their bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "text/text.hpp"

namespace headrace {

// The numbers of the strings from the first to the last; equal ones stay in their order.
std::vector<int64_t> order_of(const Strings& strings);

}  // namespace headrace
