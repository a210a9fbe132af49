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
constexpr uint64_t kLargestRecord = INT32_MAX;  // what protocol buffers allow a message

size_t up_to_page(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// 0 if the file system does not say.
uint64_t size_of(int file) {
    struct stat status;
    return fstat(file, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

}  // namespace

LocalRecords::State LocalRecords::next(Span& data) {
    if (!has(kHeaderSize)) return at_ == end_ && offset_ == size_of(file_) ? State::kEnd : State::kStuck;
    if (!is_header(at_)) return State::kStuck;
    const uint64_t length = load_le64(at_);
    if (length > kLargestRecord || !has(kHeaderSize + length + kFooterSize)) return State::kStuck;
    data = {at_ + kHeaderSize, at_ + kHeaderSize + length};
    return State::kMore;
}

bool LocalRecords::find(uint64_t stop) {
    const uint64_t size = size_of(file_);
    while (offset_ < stop && offset_ < size && has(kHeaderSize)) {
        const size_t passed = find_header(at_, static_cast<size_t>(end_ - at_), kLargestRecord, size - offset_);
        at_ += passed;
        offset_ += passed;
        if (static_cast<size_t>(end_ - at_) >= kHeaderSize) return offset_ < stop;
    }
    return false;
}

// Memory whose pages are the file's pages, for `bytes` from `at_` on, which starts with what is there already: copying
// from the page cache is fastest where both sides lie alike.
uint8_t* LocalRecords::room_for(size_t bytes) {
    const size_t have = static_cast<size_t>(end_ - at_);
    const size_t wanted = 2 * kPage + bytes;
    Buffer<uint8_t> larger;
    const bool fits = wanted <= memory_.size();
    if (!fits) larger.extend(wanted);
    uint8_t* memory = fits ? memory_.data() : larger.data();
    const size_t to_page = -reinterpret_cast<uintptr_t>(memory) % kPage;
    uint8_t* to = memory + to_page + offset_ % kPage;
    if (have) std::memmove(to, at_, have);
    if (!fits) memory_ = std::move(larger);
    return to;
}

// Reads until there are so many bytes from `at_` on; false if there are not, or they cannot be read.
bool LocalRecords::read_on(size_t bytes) {
    // A length that a header claims takes no memory before the file is known to be as long.
    if (bytes > step_ && offset_ + bytes > size_of(file_)) return false;
    const size_t have = static_cast<size_t>(end_ - at_);
    const size_t in_page = offset_ % kPage;
    const size_t wanted = up_to_page(in_page + std::max(bytes, have + step_)) - in_page;
    uint8_t* start = room_for(wanted);
    size_t got = have;
    while (got < bytes) {
        const ssize_t count = pread(file_, start + got, wanted - got, static_cast<off_t>(offset_ + got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        got += static_cast<size_t>(count);
    }
    at_ = start;
    end_ = start + got;
    return got >= bytes;
}

}  // namespace headrace
