// scan_frames and find_header on arbitrary bytes, or on framed records with one byte changed and the end truncated.
#include "records/framing.hpp"

#include "bytes/little_endian.hpp"
#include "framed.hpp"
#include "input.hpp"
#include "records/crc32c.hpp"

using namespace headrace;
using fuzz::require;

namespace {

void check_scan(const fuzz::Block& file) {
    const Frames frames = scan_frames(file.data(), file.size());
    require(frames.starts.size() == frames.lengths.size(), "the numbers of starts and lengths differ");
    size_t end = 0;
    for (size_t i = 0; i < frames.starts.size(); ++i) {
        const auto start = static_cast<size_t>(frames.starts[i]), length = static_cast<size_t>(frames.lengths[i]);
        require(start == end + kHeaderSize, "frames are not contiguous");
        end = start + length + kFooterSize;
        require(end <= file.size(), "a record exceeds the file");
        require(load_le32(file.data() + start + length) == mask_crc(crc32c_portable(file.data() + start, length)),
                "a checksum is wrong by the portable implementation");
    }
    require(frames.end == end, "the end is not that of the last record");
    require((frames.state == FrameState::kComplete) == (end == file.size()), "the state is not that of the end");
}

// A scan that does not verify data finds the same records, up to an invalid header. `is_intact` rejects the record that
// stops the verifying scan.
void check_unverified(const fuzz::Block& file) {
    const Frames verified = scan_frames(file.data(), file.size());
    const Frames frames = scan_frames(file.data(), file.size(), false);
    require(frames.starts.size() >= verified.starts.size() && frames.end <= file.size(), "a record is lost");
    require(frames.state != FrameState::kBadDataChecksum, "data were verified");
    size_t intact = 0;
    while (intact < frames.starts.size() &&
           is_intact(file.data() + frames.starts[intact], static_cast<size_t>(frames.lengths[intact])))
        ++intact;
    require(intact == verified.starts.size(), "the numbers of intact records differ");
    require((intact < frames.starts.size()) == (verified.state == FrameState::kBadDataChecksum), "a wrong data checksum does not stop the scan");
}

bool is_valid_header(const fuzz::Block& file, size_t at, uint64_t max_length, uint64_t left) {
    const uint8_t* header = file.data() + at;
    const uint64_t length = load_le64(header), max_left = left - at - kHeaderSize - kFooterSize;
    return load_le32(header + 8) == mask_crc(crc32c_portable(header, 8)) && length <= std::min(max_length, max_left);
}

// The file continues for `beyond` bytes.
void check_search(const fuzz::Block& file, uint64_t max_length, uint64_t beyond) {
    const uint64_t left = file.size() + beyond;
    const size_t found = find_header(file.data(), file.size(), max_length, left);
    require(found <= file.size(), "the search leaves the data");
    size_t at = 0;
    while (at + kHeaderSize <= file.size() && at + kHeaderSize + kFooterSize <= left && !is_valid_header(file, at, max_length, left))
        ++at;
    const bool exists = at + kHeaderSize <= file.size() && at + kHeaderSize + kFooterSize <= left;
    if (exists) require(found == at, "the first header is not found");
    if (!exists) require(file.size() - found < kHeaderSize, "the search skips bytes that may start a header");
}

void check_framed(fuzz::Input input) {
    const size_t place = input.byte() | input.byte() << 8;
    const uint8_t change = input.byte(), cut = input.byte();
    const std::vector<fuzz::Block> records = input.records();
    Buffer<uint8_t> file = fuzz::frame_records(records);
    const Frames whole = scan_frames(file.data(), file.size());
    require(whole.state == FrameState::kComplete && whole.starts.size() == records.size(), "a record is not found");
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
