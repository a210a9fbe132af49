// Reads the records of a local file in steps that stay in the processor's cache: each step is read, verified and parsed
// before the next one is read into the same memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "records/record_failure.hpp"
#include "records/framing.hpp"
#include "bytes/span.hpp"

namespace headrace {

enum class LocalState : int {
    kMore = 0,   // more records may follow
    kEnd = 1,    // the file ends where a record ends
    kStuck = 2,  // no complete record follows, or it cannot be read
};

class LocalRecords {
public:
    struct Result {
        size_t records = 0;  // the number of records consumed
        LocalState state = LocalState::kMore;
        RecordFailure failure = {};  // of the record at `record()`, which is not consumed
    };

    static constexpr size_t kStep = 256 << 10;  // bytes: a fraction of the second-level cache

    // Starts at the record that begins at `offset`. The file must stay open for the lifetime of this object.
    LocalRecords(int file, uint64_t offset, uint64_t record, size_t step = kStep)
        : file_(file), offset_(offset), record_(record), step_(step) {}

    // Advances to the first position before `stop` where a record may start, judging by its header's checksum. Returns
    // false if no such position exists.
    bool find(uint64_t stop);

    // Calls `append(record)` for at most `max_records` records that start before `stop`, until one fails.
    template <typename Append>
    Result read(size_t max_records, uint64_t stop, Append&& append) {
        Result result;
        Span data;
        while (result.records < max_records && offset_ < stop) {
            result.state = next(data);
            if (result.state != LocalState::kMore) break;
            result.failure =
                is_intact(data.at, data.size()) ? append(data) : RecordFailure{.fault = RecordFault::kChecksum};
            if (result.failure.fault != RecordFault::kNone) break;
            advance(data);
            ++result.records;
        }
        return result;
    }

    // The number of the next record, and its position in the file.
    uint64_t record() const { return record_; }
    uint64_t offset() const { return offset_; }

private:
    LocalState next(Span& data);
    bool ensure(size_t bytes) { return static_cast<size_t>(end_ - at_) >= bytes || fill(bytes); }
    bool fill(size_t bytes);
    uint8_t* reserve(size_t bytes);

    void advance(Span data) {
        at_ = data.end + kFooterSize;
        offset_ += kHeaderSize + data.size() + kFooterSize;
        ++record_;
    }

    int file_;
    uint64_t offset_;  // position of `at_` in the file
    uint64_t record_;
    size_t step_;
    Buffer<uint8_t> memory_;
    const uint8_t* at_ = nullptr;  // bytes read but not yet consumed
    const uint8_t* end_ = nullptr;
};

}  // namespace headrace
