#include <cstring>
#include <stdexcept>

#include "bindings/bindings.hpp"
#include "bytes/block_allocator.hpp"
#include "bytes/highway_hash.hpp"
#include "records/crc32c.hpp"
#include "files/frame_index.hpp"
#include "records/framing.hpp"
#include "records/local_records.hpp"
#include "bindings/ndarray.hpp"

namespace headrace {

namespace {

nb::tuple scan_frames_numpy(Input<uint8_t> data, bool verify) {
    Frames frames;
    {
        nb::gil_scoped_release release;
        frames = scan_frames(data.data(), data.shape(0), verify);
    }
    return nb::make_tuple(to_numpy(std::move(frames.starts)), to_numpy(std::move(frames.lengths)), frames.end,
                          frames.state, frames.claimed_length);
}

Output<uint8_t> gather_frames_numpy(Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    check_size(lengths, starts.shape(0), "lengths");
    Buffer<uint8_t> gathered;
    {
        nb::gil_scoped_release release;
        gathered = gather_frames(data.data(), data.shape(0), starts.data(), lengths.data(), starts.shape(0));
    }
    return to_numpy(std::move(gathered));
}

Output<uint8_t> gather_checksums_numpy(Input<uint8_t> data, Input<int64_t> starts, Input<int64_t> lengths) {
    check_size(lengths, starts.shape(0), "lengths");
    Buffer<uint8_t> gathered;
    {
        nb::gil_scoped_release release;
        gathered = gather_checksums(data.data(), data.shape(0), starts.data(), lengths.data(), starts.shape(0));
    }
    return to_numpy(std::move(gathered));
}

size_t find_header_numpy(Input<uint8_t> data, uint64_t max_length, uint64_t left) {
    nb::gil_scoped_release release;
    return find_header(data.data(), data.shape(0), max_length, left);
}

nb::bytes frame_bytes(Input<uint8_t> data) {
    const size_t length = data.shape(0);
    Buffer<uint8_t> frame;
    {
        nb::gil_scoped_release release;
        uint8_t* start = frame.extend(kHeaderSize + length + kFooterSize);
        if (length) std::memcpy(start + kHeaderSize, data.data(), length);
        finish_frame(start, length);
    }
    return nb::bytes(frame.data(), frame.size());
}

nb::tuple index_frames_numpy(int file, uint64_t size) {
    FrameIndex index;
    {
        nb::gil_scoped_release release;
        index = index_frames(file, size);
    }
    return nb::make_tuple(to_numpy(std::move(index.bounds)), index.is_complete);
}

Output<uint8_t> allocate_bytes(size_t size) {
    Buffer<uint8_t> buffer;
    buffer.extend(size);
    return to_numpy(std::move(buffer));
}

uint32_t crc32c_numpy(Input<uint8_t> data, uint32_t crc) {
    nb::gil_scoped_release release;
    return extend_crc32c(crc, data.data(), data.shape(0));
}

uint64_t highway_hash_numpy(Input<uint8_t> data, Input<uint64_t> key) {
    if (key.shape(0) != 4) throw std::invalid_argument("expected a key of 4 words");
    nb::gil_scoped_release release;
    return highway_hash(data.data(), data.shape(0), {key(0), key(1), key(2), key(3)});
}

}  // namespace

void bind_framing(nb::module_& m) {
    nb::class_<LocalRecords>(m, "LocalRecords")
        .def(nb::init<int, uint64_t, uint64_t>(), nb::arg("file"), nb::arg("offset") = 0, nb::arg("record") = 0)
        .def("find", &LocalRecords::find, nb::arg("stop"), nb::call_guard<nb::gil_scoped_release>())
        .def_prop_ro("record", &LocalRecords::record)
        .def_prop_ro("offset", &LocalRecords::offset);
    m.def("scan_frames", &scan_frames_numpy, nb::arg("data"), nb::arg("verify") = true);
    m.def("index_frames", &index_frames_numpy, nb::arg("file"), nb::arg("size"));
    m.def("allocate_bytes", &allocate_bytes, nb::arg("size"));
    m.def("release_cached_blocks", &release_cached_blocks, nb::call_guard<nb::gil_scoped_release>());
    m.def("gather_frames", &gather_frames_numpy, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"));
    m.def("gather_checksums", &gather_checksums_numpy, nb::arg("data"), nb::arg("starts"), nb::arg("lengths"));
    m.def("find_header", &find_header_numpy, nb::arg("data"), nb::arg("max_length"), nb::arg("left"));
    m.def("frame", &frame_bytes, nb::arg("data"));
    m.def("crc32c", &crc32c_numpy, nb::arg("data"), nb::arg("crc") = 0);
    m.def("highway_hash", &highway_hash_numpy, nb::arg("data"), nb::arg("key"));
    m.def("crc32c_portable", [](Input<uint8_t> data) { return crc32c_portable(data.data(), data.shape(0)); },
          nb::arg("data"));
}

}  // namespace headrace
