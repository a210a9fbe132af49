// LocalRecords on a file that starts anywhere in a page, read by small steps: it finds what scan_frames finds in memory.
#include "records/local_records.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "framed.hpp"
#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

using State = LocalRecords::State;

// A file in memory: `base` bytes of zeros, then these.
class File {
public:
    File(Span bytes, uint64_t base) : descriptor_(memfd_create("records", 0)) {
        const auto written = pwrite(descriptor_, bytes.at, bytes.size(), static_cast<off_t>(base));
        require(ftruncate(descriptor_, static_cast<off_t>(base + bytes.size())) == 0, "the file has its size");
        require(written == static_cast<ssize_t>(bytes.size()), "the file is written");
    }
    ~File() { close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

void check_taken(Span bytes, const File& file, uint64_t base, size_t most) {
    const Frames frames = scan_frames(bytes.at, bytes.size());
    LocalRecords records(file.descriptor(), base, 7, 1);
    size_t found = 0;
    const auto take = [&](Span record) -> Failure {
        require(found < frames.starts.size(), "no more records than in memory");
        const uint8_t* same = bytes.at + frames.starts[found];
        require(record.size() == static_cast<size_t>(frames.lengths[found]), "they are as long");
        require(!record.size() || !std::memcmp(record.at, same, record.size()), "and the same");
        ++found;
        return {};
    };
    LocalRecords::Taken taken;
    do {
        const size_t before = found;
        taken = records.take(most, UINT64_MAX, take);
        require(taken.records == found - before && taken.records <= most, "as many as are taken");
    } while (taken.state == State::kMore && taken.failure.fault == Fault::kNone);
    require(found == frames.starts.size(), "all records are found");
    require(records.record() == 7 + found && records.offset() == base + frames.end, "the place is that of the next");
    require((taken.failure.fault == Fault::kChecksum) == (frames.state == FrameState::kBadDataSum), "a bad sum is told");
    require((taken.state == State::kEnd) == (frames.state == FrameState::kComplete), "the end is told");
    if (taken.failure.fault == Fault::kNone) return;
    require(records.take(most, UINT64_MAX, take).failure.fault == Fault::kChecksum, "and told again");
}

void check_found(Span bytes, const File& file, uint64_t base, uint64_t stop) {
    LocalRecords records(file.descriptor(), base, 0, 1);
    const bool found = records.find(base + stop);
    const size_t at = find_header(bytes.at, bytes.size(), INT32_MAX, bytes.size());
    const bool exists = bytes.size() - at >= kHeaderSize && at < stop;
    require(found == exists, "a start is found if there is one");
    if (found) require(records.offset() == base + at, "it is the first");
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
        bytes = fuzz::framed(input.records());
        if (bytes.size()) bytes[place % bytes.size()] ^= change;
        bytes.truncate(bytes.size() - std::min<size_t>(cut, bytes.size()));
    } else {
        const fuzz::Block block = input.bytes();
        bytes.append(block.data(), block.size());
    }
    const Span span{bytes.data(), bytes.data() + bytes.size()};
    const File file(span, base);
    check_taken(span, file, base, 1 + (form >> 1) % 5);
    check_found(span, file, base, form >> 2);
    return 0;
}
