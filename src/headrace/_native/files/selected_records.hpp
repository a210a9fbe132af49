// Reads records whose places in local files are known, in any order. Records that are neighbours in a file are read
// together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "bytes/little_endian.hpp"
#include "bytes/span.hpp"
#include "records/framing.hpp"
#include "records/record_failure.hpp"

namespace headrace {

enum class SelectedState : int {
    kRead = 0,        // all records were read
    kUnreadable = 1,  // the operating system reported an error
    kTruncated = 2,   // the file ends before the record does
    kMoved = 3,       // no record of the given length starts at the given offset
};

// The places of `count` frames (header, data and footer): a file descriptor, an offset in bytes, and a length in bytes, of
// at least kHeaderSize + kFooterSize.
struct FramePlaces {
    const int32_t* files;
    const int64_t* offsets;
    const int64_t* lengths;
    size_t count;

    // Whether frame `i` starts where frame `i - 1` ends.
    bool is_neighbour(size_t i) const {
        return files[i] == files[i - 1] && offsets[i] == offsets[i - 1] + lengths[i - 1];
    }
};

class SelectedRecords {
public:
    struct Result {
        size_t records = 0;  // the number of records appended
        SelectedState state = SelectedState::kRead;
        int error = 0;                // of kUnreadable: errno
        RecordFailure failure = {};  // of the next record
    };

    static constexpr size_t kStep = 256 << 10;  // bytes of neighbours read together: a fraction of the second-level cache

    explicit SelectedRecords(const FramePlaces& places, size_t step = kStep) : places_(places), step_(step) {}

    // Verifies each record and calls `append(record)`, until one fails.
    template <typename Append>
    Result read(Append&& append) {
        Result result;
        while (result.records < places_.count) {
            const size_t stop = find_stop(result.records);
            size_t available = load(result.records, stop, result);
            const uint8_t* frame = memory_.data();
            for (; result.records < stop; ++result.records) {
                const auto length = static_cast<size_t>(places_.lengths[result.records]);
                if (available < length) return result;  // `load` has set the state
                const size_t size = length - kHeaderSize - kFooterSize;
                if (!is_valid_header(frame) || load_le64(frame) != size) {
                    result.state = SelectedState::kMoved;
                    result.error = 0;
                    return result;
                }
                const Span data{frame + kHeaderSize, frame + kHeaderSize + size};
                result.failure =
                    is_intact(data.at, size) ? append(data) : RecordFailure{.fault = RecordFault::kChecksum};
                if (result.failure.fault != RecordFault::kNone) return result;
                frame += length;
                available -= length;
            }
        }
        return result;
    }

private:
    // The end of the neighbours to be read together with frame `first`.
    size_t find_stop(size_t first) const;

    // Reads frames, which are neighbours, and returns the number of bytes read. Sets the state if there are fewer.
    size_t load(size_t first, size_t stop, Result& result);

    FramePlaces places_;
    size_t step_;
    Buffer<uint8_t> memory_;
};

}  // namespace headrace
