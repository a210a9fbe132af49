// What is wrong with a record, and where.
#pragma once

#include <cstddef>
#include <cstdint>

#include "records/wire.hpp"

namespace headrace {

enum class Fault : int {
    kNone = 0,
    kMalformed = 1,  // no protocol buffer, or not of this type
    kMissing = 2,    // a required feature is absent
    kKind = 3,       // found, expected: kinds
    kCount = 4,      // found, expected: numbers of values
    kSize = 5,       // found, expected: numbers of bytes
    kRange = 6,      // found: the integer that does not fit
    kUtf8 = 7,
    kOverflow = 8,   // more values or bytes than 32-bit offsets reach
    kChecksum = 9,   // the data do not match the checksum behind them
};

struct Failure {
    Fault fault = Fault::kNone;
    int64_t row = 0;       // in the call that failed
    int64_t feature = -1;  // of the schema, or -1
    int64_t found = 0;
    int64_t expected = 0;
    int64_t step = -1;     // of a feature list, or -1
};

// Calls `take(record)` for one record after the other, up to the first that fails.
template <typename Take>
Failure for_each_record(const uint8_t* data, const int64_t* starts, const int64_t* lengths, size_t count, Take&& take) {
    for (size_t i = 0; i < count; ++i) {
        Failure failure = take(Span{data + starts[i], data + starts[i] + lengths[i]});
        if (failure.fault == Fault::kNone) continue;
        failure.row = static_cast<int64_t>(i);
        return failure;
    }
    return {};
}

}  // namespace headrace
