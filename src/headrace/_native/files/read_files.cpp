#include "files/read_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>

namespace headrace {

namespace {

constexpr size_t kMaxOffset = std::numeric_limits<int32_t>::max();
constexpr size_t kSampleFiles = 16;  // from which the total size is extrapolated

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

int open_file(int folder, const char* name, int flags) {
    int file;
    do file = openat(folder, name, flags | O_RDONLY | O_CLOEXEC);
    while (file < 0 && errno == EINTR);
    return file;
}

bool fail(FileContents& contents, FileFault fault, int error = 0) {
    contents.fault = fault;
    contents.error = error;
    return false;
}

// Appends one file. Asks for a byte more than the file has, so that a single call also finds its end.
bool append_file(int folder, const char* name, size_t limit, FileContents& contents) {
    const Descriptor file(open_file(folder, name, 0));
    struct stat status;
    if (!file.is_open() || fstat(file.number(), &status) != 0) return fail(contents, FileFault::kUnreadable, errno);
    if (S_ISDIR(status.st_mode)) return fail(contents, FileFault::kUnreadable, EISDIR);
    const auto expected = static_cast<size_t>(status.st_size);
    if (expected > limit) return fail(contents, FileFault::kTooLarge);
    const size_t start = contents.data.size();
    size_t size = 0, room = expected + 1;
    for (;;) {
        contents.data.extend(room);
        const ssize_t count = read(file.number(), contents.data.data() + start + size, room);
        const int error = errno;
        contents.data.truncate(start + size + (count > 0 ? static_cast<size_t>(count) : 0));
        if (count < 0 && error == EINTR) continue;
        if (count < 0) return fail(contents, FileFault::kUnreadable, error);
        size += static_cast<size_t>(count);
        if (size > limit) return fail(contents, FileFault::kTooLarge);
        if (start + size > kMaxOffset) return fail(contents, FileFault::kOverflow);
        if (!count || size == expected) break;  // a file of another size than expected is read to its end
        room = std::max<size_t>(room - static_cast<size_t>(count), 1 << 16);
    }
    contents.offsets.push(static_cast<int32_t>(start + size));
    return true;
}

}  // namespace

FileContents read_files(const char* folder, const Strings& names, size_t limit, size_t enough) {
    FileContents contents;
    contents.offsets.reserve(names.count + 1);
    contents.offsets.push(0);
    const Descriptor opened(open_file(AT_FDCWD, folder, O_DIRECTORY));
    if (!opened.is_open()) {
        fail(contents, FileFault::kUnreadable, errno);
        return contents;
    }
    std::string name;
    for (size_t i = 0; i < names.count && contents.data.size() < enough; ++i) {
        const auto* start = reinterpret_cast<const char*>(names.data);
        name.assign(start + names.offsets[i], start + names.offsets[i + 1]);
        if (!append_file(opened.number(), name.c_str(), limit, contents)) break;
        if (i + 1 == kSampleFiles)
            contents.data.reserve(std::min(contents.data.size() * 17 / 16 * names.count / kSampleFiles, enough + limit));
    }
    contents.data.truncate(static_cast<size_t>(contents.offsets[contents.offsets.size() - 1]));
    return contents;
}

}  // namespace headrace
