// Dates in strings, as microseconds since 1970-01-01 00:00 UTC.
#pragma once

#include <cstddef>
#include <cstdint>

#include "text/text.hpp"

namespace headrace {

constexpr int64_t kMissingDate = INT64_MIN;

// A step of a format: what the next characters are. `kind` is a letter of strptime's directives (Y y m d H I M S f j b
// a p z), ' ' for white space, or 0 for the byte `least`. A number has `least` to `most` digits.
struct DateStep {
    uint8_t kind;
    uint8_t least;
    uint8_t most;
};

// Writes the date of each string to `dates`, kMissingDate for strings that are not one. Without steps, strings are of
// ISO 8601. White space around a date is skipped.
void parse_dates(const Strings& strings, const DateStep* steps, size_t count, int64_t* dates);

}  // namespace headrace
