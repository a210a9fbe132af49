// LocalRecords on records that start anywhere in a page, read in small steps. It must find what scan_frames finds.
#include "records/local_records.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "framed.hpp"
#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

// A file in memory: `base` zero bytes, then `bytes`.
class File {
public:
    File(Span bytes, uint64_t base) : descriptor_(memfd_create("records", 0)) {
        const auto written = pwrite(descriptor_, bytes.at, bytes.size(), static_cast<off_t>(base));
        require(ftruncate(descriptor_, static_cast<off_t>(base + bytes.size())) == 0, "ftruncate failed");
        require(written == static_cast<ssize_t>(bytes.size()), "the file was not written");
    }
    ~File() { close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

void check_read(Span bytes, const File& file, uint64_t base, size_t limit) {
    const Frames frames = scan_frames(bytes.at, bytes.size());
    LocalRecords records(file.descriptor(), base, 7, 1);
    size_t found = 0;
    const auto append = [&](Span record) -> RecordFailure {
        require(found < frames.starts.size(), "more records than in memory");
        const uint8_t* expected = bytes.at + frames.starts[found];
        require(record.size() == static_cast<size_t>(frames.lengths[found]), "lengths differ");
        require(!record.size() || !std::memcmp(record.at, expected, record.size()), "data differ");
        ++found;
        return {};
    };
    LocalRecords::Result result;
    do {
        const size_t before = found;
        result = records.read(limit, UINT64_MAX, append);
        require(result.records == found - before && result.records <= limit, "the number of records is wrong");
    } while (result.state == LocalState::kMore && result.failure.fault == RecordFault::kNone);
    require(found == frames.starts.size(), "a record is not found");
    require(records.record() == 7 + found && records.offset() == base + frames.end, "the position of the next record is wrong");
    require((result.failure.fault == RecordFault::kChecksum) == (frames.state == FrameState::kBadDataChecksum),
            "a wrong data checksum is not reported");
    require((result.state == LocalState::kEnd) == (frames.state == FrameState::kComplete), "the end is not reported");
    if (result.failure.fault == RecordFault::kNone) return;
    require(records.read(limit, UINT64_MAX, append).failure.fault == RecordFault::kChecksum,
            "a wrong data checksum is not reported again");
}

void check_found(Span bytes, const File& file, uint64_t base, uint64_t stop) {
    LocalRecords records(file.descriptor(), base, 0, 1);
    const bool found = records.find(base + stop);
    const size_t at = find_header(bytes.at, bytes.size(), INT32_MAX, bytes.size());
    const bool exists = bytes.size() - at >= kHeaderSize && at < stop;
    require(found == exists, "a header is missed, or reported in error");
    if (found) require(records.offset() == base + at, "the header found is not the first");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint64_t base = (input.byte() | input.byte() << 8) % 8192;
    const uint8_t form = input.byte();
    Buffer<uint8_t> bytes;
    if (form & 1) {
        const size_t place = input.byte() | input.byte() << 8;
        const uint8_t change = input.byte(), cut = input.byte();
        bytes = fuzz::frame_records(input.records());
        if (bytes.size()) bytes[place % bytes.size()] ^= change;
        bytes.truncate(bytes.size() - std::min<size_t>(cut, bytes.size()));
    } else {
        const fuzz::Block block = input.bytes();
        bytes.append(block.data(), block.size());
    }
    const Span span{bytes.data(), bytes.data() + bytes.size()};
    const File file(span, base);
    check_read(span, file, base, 1 + (form >> 1) % 5);
    check_found(span, file, base, form >> 2);
    return 0;
}
