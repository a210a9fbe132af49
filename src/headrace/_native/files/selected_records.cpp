#include "files/selected_records.hpp"

#include <unistd.h>

#include <cerrno>

namespace headrace {

size_t SelectedRecords::find_stop(size_t first) const {
    auto size = static_cast<size_t>(places_.lengths[first]);
    size_t stop = first + 1;
    for (; stop < places_.count && places_.is_neighbour(stop); ++stop) {
        size += static_cast<size_t>(places_.lengths[stop]);
        if (size > step_) break;
    }
    return stop;
}

size_t SelectedRecords::load(size_t first, size_t stop, Result& result) {
    const int64_t offset = places_.offsets[first];
    const auto size = static_cast<size_t>(places_.offsets[stop - 1] + places_.lengths[stop - 1] - offset);
    memory_.truncate(0);
    uint8_t* to = memory_.extend(size);
    size_t got = 0;
    while (got < size) {
        const ssize_t count = pread(places_.files[first], to + got, size - got, static_cast<off_t>(offset) + static_cast<off_t>(got));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            result.state = count ? SelectedState::kUnreadable : SelectedState::kTruncated;
            result.error = count ? errno : 0;
            break;
        }
        got += static_cast<size_t>(count);
    }
    return got;
}

}  // namespace headrace
