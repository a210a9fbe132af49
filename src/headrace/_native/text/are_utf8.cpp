#include "bytes/utf8.hpp"
#include "text/text.hpp"

namespace headrace {

namespace {

// One pass over all bytes, then a look at the first byte of each string: none may continue a character.
template <typename Offset>
bool are_well_formed(const Offset* offsets, size_t count, const uint8_t* data) {
    if (!count) return true;
    const Offset end = offsets[count];
    if (!is_utf8({data + offsets[0], data + end})) return false;
    for (size_t i = 1; i < count; ++i)
        if (offsets[i] != end && (data[offsets[i]] & 0xc0) == 0x80) return false;
    return true;
}

}  // namespace

bool are_utf8(const int32_t* offsets, size_t count, const uint8_t* data) { return are_well_formed(offsets, count, data); }

bool are_utf8(const int64_t* offsets, size_t count, const uint8_t* data) { return are_well_formed(offsets, count, data); }

}  // namespace headrace
