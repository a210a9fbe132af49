#include "images/inflate_library.hpp"

#include <dlfcn.h>

#include <atomic>
#include <mutex>

namespace headrace {

namespace {

constexpr int kOk = 0, kStreamEnd = 1, kNoFlush = 0;
constexpr const char* kNames[] = {"libz.so.1", "libz.1.dylib"};

struct InflateLibrary {
    int (*init)(InflateState*, const char* version, int size);
    int (*reset)(InflateState*);
    int (*inflate)(InflateState*, int flush);
    int (*end)(InflateState*);
    unsigned long (*crc32)(unsigned long crc, const uint8_t* data, unsigned size);
};

std::atomic<const InflateLibrary*> current{nullptr};
std::mutex opening;

template <typename Function>
bool find(void* module, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(module, name));
    return function != nullptr;
}

bool find_all(void* module, InflateLibrary& library) {
    if (!find(module, "inflateInit_", library.init) || !find(module, "inflateReset", library.reset) ||
        !find(module, "inflate", library.inflate) || !find(module, "inflateEnd", library.end) ||
        !find(module, "crc32", library.crc32))
        return false;
    InflateState state{};
    return library.init(&state, "1", sizeof state) == kOk && library.end(&state) == kOk;
}

bool open(void* module) {
    static InflateLibrary library;  // never closed: its functions stay in use
    if (!module) return false;
    if (find_all(module, library)) {
        current = &library;
        return true;
    }
    dlclose(module);
    return false;
}

}  // namespace

bool open_inflate_library(const char* module) {
    const std::lock_guard lock(opening);
    if (current) return true;
    if (sizeof(void*) != 8) return false;
    if (*module && open(dlopen(module, RTLD_NOW | RTLD_NOLOAD))) return true;
    for (const char* name : kNames)
        if (open(dlopen(name, RTLD_NOW))) return true;
    return false;
}

uint32_t crc32(Span bytes) {
    unsigned long value = 0;
    while (bytes.size()) {
        const auto size = static_cast<unsigned>(bytes.size() < (1u << 30) ? bytes.size() : 1u << 30);
        value = current.load()->crc32(value, bytes.at, size);
        bytes.at += size;
    }
    return static_cast<uint32_t>(value);
}

Inflater::~Inflater() {
    if (is_created_) current.load()->end(&state_);
}

bool Inflater::begin(uint8_t* output, size_t size) {
    const InflateLibrary* library = current;
    if (!library || size > UINT32_MAX) return false;
    if (is_created_ ? library->reset(&state_) != kOk : library->init(&state_, "1", sizeof state_) != kOk) return false;
    is_created_ = true;
    is_at_end_ = false;
    state_.output = output;
    state_.output_left = static_cast<unsigned>(size);
    return true;
}

bool Inflater::append(Span part) {
    if (part.size() > UINT32_MAX) return false;
    state_.input = part.at;
    state_.input_left = static_cast<unsigned>(part.size());
    while (state_.input_left) {
        if (is_at_end_) return false;
        const int result = current.load()->inflate(&state_, kNoFlush);
        is_at_end_ = result == kStreamEnd;
        if (result != kOk && result != kStreamEnd) return false;  // also where the output is full
    }
    return true;
}

}  // namespace headrace
