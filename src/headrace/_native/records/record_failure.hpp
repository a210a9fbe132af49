// Why a record was rejected, and where.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/span.hpp"

namespace headrace {

enum class RecordFault : int {
    kNone = 0,
    kMalformed = 1,  // not a protocol buffer of the expected type
    kMissing = 2,    // a required feature is absent
    kKind = 3,       // found, expected: value kinds
    kCount = 4,      // found, expected: numbers of values
    kSize = 5,       // found, expected: numbers of bytes
    kRange = 6,      // found: an integer outside the column's range
    kUtf8 = 7,       // not UTF-8
    kOverflow = 8,   // more values or bytes than 32-bit offsets can address
    kChecksum = 9,   // the data do not match the checksum that follows them
};

struct RecordFailure {
    RecordFault fault = RecordFault::kNone;
    int64_t row = 0;       // index of the record in the failed call
    int64_t feature = -1;  // index in the schema, or -1
    int64_t found = 0;
    int64_t expected = 0;
    int64_t step = -1;     // index in the feature list, or -1
};

// Calls `append(record)` for each record until one fails.
template <typename Append>
RecordFailure for_each_record(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count,
                              Append&& append) {
    for (size_t i = 0; i < count; ++i) {
        RecordFailure failure = append(Span{data + starts[i], data + starts[i] + lengths[i]});
        if (failure.fault == RecordFault::kNone) continue;
        failure.row = static_cast<int64_t>(i);
        return failure;
    }
    return {};
}

}  // namespace headrace
