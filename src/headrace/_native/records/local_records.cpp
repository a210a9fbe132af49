#include "records/local_records.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bytes/little_endian.hpp"

namespace headrace {

namespace {

constexpr size_t kPage = 4096;
constexpr uint64_t kMaxRecord = INT32_MAX;  // protocol buffers' limit for a message

size_t round_up_to_page(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// 0 if the size is unknown.
uint64_t file_size(int file) {
    struct stat status;
    return fstat(file, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

}  // namespace

LocalState LocalRecords::next(Span& data) {
    if (!ensure(kHeaderSize)) return at_ == end_ && offset_ == file_size(file_) ? LocalState::kEnd : LocalState::kStuck;
    if (!is_valid_header(at_)) return LocalState::kStuck;
    const uint64_t length = load_le64(at_);
    if (length > kMaxRecord || !ensure(kHeaderSize + length + kFooterSize)) return LocalState::kStuck;
    data = {at_ + kHeaderSize, at_ + kHeaderSize + length};
    return LocalState::kMore;
}

bool LocalRecords::find(uint64_t stop) {
    const uint64_t size = file_size(file_);
    while (offset_ < stop && offset_ < size && ensure(kHeaderSize)) {
        const size_t skipped = find_header(at_, static_cast<size_t>(end_ - at_), kMaxRecord, size - offset_);
        at_ += skipped;
        offset_ += skipped;
        if (static_cast<size_t>(end_ - at_) >= kHeaderSize) return offset_ < stop;
    }
    return false;
}

// Returns memory for `bytes` bytes and moves the unconsumed bytes to its start. The memory has the same offset within a
// page as the file: copying from the page cache is fastest when source and target are aligned alike.
uint8_t* LocalRecords::reserve(size_t bytes) {
    const size_t have = static_cast<size_t>(end_ - at_);
    const size_t needed = 2 * kPage + bytes;
    Buffer<uint8_t> larger;
    const bool fits = needed <= memory_.size();
    if (!fits) larger.extend(needed);
    uint8_t* memory = fits ? memory_.data() : larger.data();
    const size_t to_page = -reinterpret_cast<uintptr_t>(memory) % kPage;
    uint8_t* to = memory + to_page + offset_ % kPage;
    if (have) std::memmove(to, at_, have);
    if (!fits) memory_ = std::move(larger);
    return to;
}

// Reads until `bytes` bytes are available from `at_` on. Returns false if the file ends before, or reading fails.
bool LocalRecords::fill(size_t bytes) {
    // Check a header's length against the file's size before allocating memory for it.
    if (bytes > step_ && offset_ + bytes > file_size(file_)) return false;
    const size_t have = static_cast<size_t>(end_ - at_);
    const size_t in_page = offset_ % kPage;
    const size_t target = round_up_to_page(in_page + std::max(bytes, have + step_)) - in_page;
    uint8_t* start = reserve(target);
    size_t got = have;
    while (got < bytes) {
        const ssize_t count = pread(file_, start + got, target - got, static_cast<off_t>(offset_ + got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        got += static_cast<size_t>(count);
    }
    at_ = start;
    end_ = start + got;
    return got >= bytes;
}

}  // namespace headrace
