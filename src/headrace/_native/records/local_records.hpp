// The records of a local file, taken a step at a time through memory that stays in the processor's cache: a step is
// read, its checksums are compared and its records are parsed before the next step is read to the same place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes/buffer.hpp"
#include "records/record_failure.hpp"
#include "records/framing.hpp"
#include "records/wire.hpp"

namespace headrace {

class LocalRecords {
public:
    enum class State : int {
        kMore = 0,   // there may be more records
        kEnd = 1,    // the file ends where a record ends
        kStuck = 2,  // here is no whole record, or it cannot be read; nothing was taken of it
    };

    struct Taken {
        size_t records = 0;
        State state = State::kMore;
        Failure failure = {};  // of the record at `record()`
    };

    static constexpr size_t kStep = 256 << 10;  // bytes: a fraction of the second level of cache

    // From the record on that starts at `offset`. The file stays open as long as this lives.
    LocalRecords(int file, uint64_t offset, uint64_t record, size_t step = kStep)
        : file_(file), offset_(offset), record_(record), step_(step) {}

    // Moves on to the first place before `stop` where a record may start, going by its header's checksum; false if there
    // is none.
    bool find(uint64_t stop);

    // Calls `take(record)` for one record after the other, so many at most, as long as they start before `stop` and none
    // fails.
    template <typename Take>
    Taken take(size_t most_records, uint64_t stop, Take&& take) {
        Taken taken;
        Span data;
        while (taken.records < most_records && offset_ < stop) {
            taken.state = next(data);
            if (taken.state != State::kMore) break;
            taken.failure = is_intact(data.at, data.size()) ? take(data) : Failure{.fault = Fault::kChecksum};
            if (taken.failure.fault != Fault::kNone) break;
            pass(data);
            ++taken.records;
        }
        return taken;
    }

    // The number and the place in the file of the record that comes next.
    uint64_t record() const { return record_; }
    uint64_t offset() const { return offset_; }

private:
    State next(Span& data);
    bool has(size_t bytes) { return static_cast<size_t>(end_ - at_) >= bytes || read_on(bytes); }
    bool read_on(size_t bytes);
    uint8_t* room_for(size_t bytes);

    void pass(Span data) {
        at_ = data.end + kFooterSize;
        offset_ += kHeaderSize + data.size() + kFooterSize;
        ++record_;
    }

    int file_;
    uint64_t offset_;  // of `at_`
    uint64_t record_;
    size_t step_;
    Buffer<uint8_t> memory_;
    const uint8_t* at_ = nullptr;   // what has been read and not been taken yet
    const uint8_t* end_ = nullptr;
};

}  // namespace headrace
