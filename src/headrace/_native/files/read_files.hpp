// Reads many whole files into one array.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "text/text.hpp"

namespace headrace {

enum class FileFault : int {
    kNone = 0,
    kUnreadable = 1,  // the operating system reported an error
    kTooLarge = 2,    // the file is larger than the limit
    kOverflow = 3,    // the files hold more bytes than 32-bit offsets can address
};

struct FileContents {
    Buffer<uint8_t> data;
    Buffer<int32_t> offsets;  // [files read + 1]
    FileFault fault = FileFault::kNone;  // of the file behind those read
    int error = 0;                       // of kUnreadable: errno
};

// Reads the files `names` in `folder`, in order, until one fails or at least `enough` bytes have been read. A file may have
// `limit` bytes.
FileContents read_files(const char* folder, const Strings& names, size_t limit, size_t enough);

}  // namespace headrace
