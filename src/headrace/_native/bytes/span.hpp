// A view of bytes that another object owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headrace {

// Parsers read from the front and advance `at`.
struct Span {
    const uint8_t* at = nullptr;
    const uint8_t* end = nullptr;

    size_t size() const { return static_cast<size_t>(end - at); }
    std::string_view text() const { return {reinterpret_cast<const char*>(at), size()}; }
};

}  // namespace headrace
