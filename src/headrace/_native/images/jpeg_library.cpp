#include "images/jpeg_library.hpp"

#include <dlfcn.h>
#include <setjmp.h>

#include <atomic>
#include <mutex>

namespace headrace {

namespace {

std::atomic<const JpegLibrary*> current{nullptr};
std::mutex opening;

template <typename Function>
bool find(void* module, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(module, name));
    return function != nullptr;
}

bool find_all(void* module, JpegLibrary& library) {
    return find(module, "jpeg_std_error", library.std_error) && find(module, "jpeg_CreateDecompress", library.create) &&
           find(module, "jpeg_mem_src", library.set_source) && find(module, "jpeg_read_header", library.read_header) &&
           find(module, "jpeg_start_decompress", library.start) &&
           find(module, "jpeg_read_scanlines", library.read_lines) &&
           find(module, "jpeg_finish_decompress", library.finish) &&
           find(module, "jpeg_destroy_decompress", library.destroy);
}

struct Probe {
    JpegErrors errors;
    jmp_buf leave;
};

void leave(JpegState* state) { longjmp(reinterpret_cast<Probe*>(state->errors)->leave, 1); }

// Whether the library accepts our version and size of its state.
bool accepts_state(const JpegLibrary& library) {
    Probe probe{};
    JpegState state{};
    state.errors = library.std_error(&probe.errors);
    probe.errors.exit = leave;
    probe.errors.output = [](JpegState*) {};
    if (setjmp(probe.leave)) return false;
    library.create(&state, kJpegVersion, sizeof state);
    library.destroy(&state);
    return true;
}

}  // namespace

bool open_jpeg_library(const char* module) {
    const std::lock_guard lock(opening);
    if (current) return true;
    if (sizeof(void*) != 8 || sizeof(JpegState) != 632) return false;
    void* loaded = dlopen(module, RTLD_NOW | RTLD_NOLOAD);
    if (!loaded) return false;
    static JpegLibrary library;  // never closed: its functions stay in use
    if (!find_all(loaded, library) || !accepts_state(library)) {
        dlclose(loaded);
        return false;
    }
    current = &library;
    return true;
}

const JpegLibrary* jpeg_library() { return current; }

}  // namespace headrace
