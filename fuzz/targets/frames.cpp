// scan_frames and find_header on bytes as they are, or on framed records of which one byte is changed and the end is cut off.
#include "records/framing.hpp"

#include "records/crc32c.hpp"
#include "framed.hpp"
#include "input.hpp"
#include "bytes/little_endian.hpp"

using namespace headrace;
using fuzz::require;

namespace {

void check_scan(const fuzz::Block& file) {
    const Frames frames = scan_frames(file.data(), file.size());
    require(frames.starts.size() == frames.lengths.size(), "a length a start");
    size_t end = 0;
    for (size_t i = 0; i < frames.starts.size(); ++i) {
        const auto start = static_cast<size_t>(frames.starts[i]), length = static_cast<size_t>(frames.lengths[i]);
        require(start == end + kHeaderSize, "frames follow each other");
        end = start + length + kFooterSize;
        require(end <= file.size(), "records lie in the file");
        require(load_le32(file.data() + start + length) == masked(crc32c_portable(file.data() + start, length)),
                "the checksum is right by tables, too");
    }
    require(frames.end == end, "the end is that of the last record");
    require((frames.state == FrameState::kComplete) == (end == file.size()), "complete means all of it");
}

// Without the data's sums the same records are found, up to a header that is wrong; those that stop the other scan are told
// apart by `is_intact`.
void check_unverified(const fuzz::Block& file) {
    const Frames verified = scan_frames(file.data(), file.size());
    const Frames frames = scan_frames(file.data(), file.size(), false);
    require(frames.starts.size() >= verified.starts.size() && frames.end <= file.size(), "no record is lost");
    require(frames.state != FrameState::kBadDataSum, "the data are not looked at");
    size_t intact = 0;
    while (intact < frames.starts.size() &&
           is_intact(file.data() + frames.starts[intact], static_cast<size_t>(frames.lengths[intact])))
        ++intact;
    require(intact == verified.starts.size(), "the same records are good");
    require((intact < frames.starts.size()) == (verified.state == FrameState::kBadDataSum), "a bad sum stops the scan");
}

bool is_header(const fuzz::Block& file, size_t at, uint64_t most, uint64_t left) {
    const uint8_t* header = file.data() + at;
    const uint64_t length = load_le64(header), most_left = left - at - kHeaderSize - kFooterSize;
    return load_le32(header + 8) == masked(crc32c_portable(header, 8)) && length <= std::min(most, most_left);
}

// `beyond`: how much more of the file there is.
void check_search(const fuzz::Block& file, uint64_t most, uint64_t beyond) {
    const uint64_t left = file.size() + beyond;
    const size_t found = find_header(file.data(), file.size(), most, left);
    require(found <= file.size(), "the search stays in the bytes");
    size_t at = 0;
    while (at + kHeaderSize <= file.size() && at + kHeaderSize + kFooterSize <= left && !is_header(file, at, most, left))
        ++at;
    const bool exists = at + kHeaderSize <= file.size() && at + kHeaderSize + kFooterSize <= left;
    if (exists) require(found == at, "the first header is found");
    if (!exists) require(file.size() - found < kHeaderSize, "what is passed over holds no header");
}

void check_framed(fuzz::Input input) {
    const size_t place = input.byte() | input.byte() << 8;
    const uint8_t change = input.byte(), cut = input.byte();
    const std::vector<fuzz::Block> records = input.records();
    Buffer<uint8_t> file = fuzz::framed(records);
    const Frames whole = scan_frames(file.data(), file.size());
    require(whole.state == FrameState::kComplete && whole.starts.size() == records.size(), "all records are found");
    if (file.size()) file[place % file.size()] ^= change;
    file.truncate(file.size() - std::min<size_t>(cut, file.size()));
    const fuzz::Block damaged({file.data(), file.data() + file.size()});
    check_scan(damaged);
    check_unverified(damaged);
    check_search(damaged, place, change);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    if (input.byte() & 1) {
        check_framed(input);
    } else {
        const uint64_t beyond = input.byte();
        const fuzz::Block file = input.bytes();
        check_scan(file);
        check_unverified(file);
        check_search(file, UINT64_MAX, beyond);
    }
    return 0;
}
