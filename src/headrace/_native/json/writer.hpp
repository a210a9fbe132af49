// Writes the values of an Arrow array as JSON text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/buffer.hpp"
#include "columns/arrow_c.hpp"

namespace headrace {

struct JsonTexts {
    Buffer<int64_t> offsets;         // of each text and of the end, in `data`
    Buffer<uint8_t> data;
    bool failed = false;             // at an infinite value
    std::vector<std::string> names;  // of the fields that the infinite value is in, from the outermost on
};

// Writes a text per value, each followed by `end`; missing values and NaN are null. Floats have the fewest digits that
// round-trip. Supported are booleans, numbers, strings, bytes, lists, structs and nulls. Throws std::invalid_argument for
// another type, or offsets that descend. The array's buffers must be as long as its length and its last offset say.
JsonTexts write_json(const ArrowSchema& schema, const ArrowArray& array, std::string_view end);

}  // namespace headrace
