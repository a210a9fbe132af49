// Files that are mapped into memory: their pages vanish when another process cuts the file, and to touch one that has
// vanished is a signal, SIGBUS, which ends the process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace headrace {

// While it exists, pages that have vanished from a mapped file read as zeros. Nothing is guarded on systems without
// signals.
class MappingGuard {
public:
    MappingGuard(const void* start, size_t size);
    ~MappingGuard();
    MappingGuard(const MappingGuard&) = delete;
    MappingGuard& operator=(const MappingGuard&) = delete;

    // Handles the signal again if another library has taken it over.
    void arm() const;

    // Whether a page has vanished. What was read before may be zeros.
    bool is_broken() const { return region_->broken; }

    // Memory that the handler of the signal looks up; it is never freed.
    struct Region {
        std::atomic<uintptr_t> start = 0;  // 0: free
        std::atomic<uintptr_t> end = 0;
        std::atomic<bool> broken = false;
        Region* next = nullptr;
    };

private:
    Region* region_;
};

}  // namespace headrace
