#include "bytes/block_allocator.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace headrace {

namespace {

constexpr size_t kHeader = 64;             // bytes before each block; store its size
constexpr size_t kMinCached = 64 << 10;    // below, malloc is as fast
constexpr size_t kLeastLimit = 96 << 20;   // may always be cached
constexpr size_t kWindow = size_t{2} << 30;  // bytes allocated while a peak counts, at least
constexpr size_t kMinMapped = 1 << 20;     // from here on, each block is a mapping of its own
constexpr size_t kHugePage = 2 << 20;

size_t& size_of(void* block) { return *reinterpret_cast<size_t*>(static_cast<char*>(block) - kHeader); }

// Rounds up to one of four sizes per power of two, so that blocks of similar size can replace each other.
size_t round_up(size_t bytes) {
    if (bytes < kMinCached) return bytes;
    const size_t step = std::bit_floor(bytes) / 4;
    return (bytes + step - 1) / step * step;
}

#ifdef __linux__

// The C library retains tens of megabytes of freed large blocks per thread; an unmapped block is returned at once.
bool is_mapped(size_t bytes) { return bytes >= kMinMapped; }

// Requests huge pages, which take fewer page faults. The whole mapping is advised: mremap cannot enlarge memory that
// consists of several mappings.
void* advised(void* memory, size_t bytes) {
    if (memory == MAP_FAILED) return nullptr;
    if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

void* allocate(size_t bytes) {
    if (!is_mapped(bytes)) return std::malloc(bytes);
    return advised(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes);
}

void release(void* memory, size_t bytes) {
    if (is_mapped(bytes))
        munmap(memory, bytes);
    else
        std::free(memory);
}

// Returns null, with `memory` unchanged, if there is not enough memory.
void* enlarge(void* memory, size_t bytes, size_t new_size) {
    if (is_mapped(bytes)) return advised(mremap(memory, bytes, new_size, MREMAP_MAYMOVE), new_size);
    if (!is_mapped(new_size)) return std::realloc(memory, new_size);
    void* larger = allocate(new_size);
    if (!larger) return nullptr;
    std::memcpy(larger, memory, bytes);
    release(memory, bytes);
    return larger;
}

#else

void* allocate(size_t bytes) { return std::malloc(bytes); }
void release(void* memory, size_t) { std::free(memory); }
void* enlarge(void* memory, size_t, size_t new_size) { return std::realloc(memory, new_size); }

#endif

void* write_header(void* memory, size_t bytes) {
    if (!memory) throw std::bad_alloc();
    void* block = static_cast<char*>(memory) + kHeader;
    size_of(block) = bytes;
    return block;
}

void* new_block(size_t bytes) { return write_header(allocate(bytes + kHeader), bytes); }

void* enlarge_block(void* block, size_t bytes) {
    void* memory = static_cast<char*>(block) - kHeader;
    return write_header(enlarge(memory, size_of(block) + kHeader, bytes + kHeader), bytes);
}

void release_block(void* block) { release(static_cast<char*>(block) - kHeader, size_of(block) + kHeader); }

// The bytes of large blocks in use. The peak is the most since the start of the window before the current one.
class Usage {
public:
    void add(size_t bytes) {
        const size_t now = in_use_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
        if (allocated_.fetch_add(bytes, std::memory_order_relaxed) + bytes >= kWindow) {
            allocated_.store(0, std::memory_order_relaxed);
            earlier_peak_.store(peak_.exchange(now, std::memory_order_relaxed), std::memory_order_relaxed);
        }
        size_t peak = peak_.load(std::memory_order_relaxed);
        while (peak < now && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
        }
    }

    void remove(size_t bytes) { in_use_.fetch_sub(bytes, std::memory_order_relaxed); }

    // The bytes that may be cached.
    size_t limit() const {
        const size_t peak = std::max(peak_.load(std::memory_order_relaxed), earlier_peak_.load(std::memory_order_relaxed));
        const size_t now = in_use_.load(std::memory_order_relaxed);
        return std::max(kLeastLimit, peak > now ? peak - now : 0);
    }

private:
    std::atomic<size_t> in_use_{0}, allocated_{0}, peak_{0}, earlier_peak_{0};
};

Usage usage;

class BlockCache {
public:
    // Removes and returns a cached block of `bytes` to 2 * `bytes` bytes; null if none fits.
    void* take(size_t bytes) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock) return nullptr;
        for (size_t i = blocks_.size(); i-- > 0;) {
            void* block = blocks_[i];
            if (size_of(block) < bytes || size_of(block) / 2 > bytes) continue;
            blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(i));
            bytes_ -= size_of(block);
            return block;
        }
        return nullptr;
    }

    // Adds a block and evicts the oldest ones as needed. Returns false if the block is not cached.
    bool put(void* block) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        const size_t size = size_of(block), limit = usage.limit();
        if (!lock || size > limit) return false;
        evict_to(limit - size);
        blocks_.push_back(block);
        bytes_ += size;
        return true;
    }

    // Makes room for a new block.
    void trim() {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (lock) evict_to(usage.limit());
    }

    void clear() {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (lock) evict_to(0);
    }

private:
    void evict_to(size_t limit) {
        while (bytes_ > limit) {
            bytes_ -= size_of(blocks_.front());
            release_block(blocks_.front());
            blocks_.erase(blocks_.begin());
        }
    }

    // Never waited for: if it is locked, the cache is bypassed. So a fork while it is locked cannot cause a deadlock.
    std::mutex mutex_;
    std::vector<void*> blocks_;  // oldest first
    size_t bytes_ = 0;
};

BlockCache& block_cache() {
    static auto* cache = new BlockCache;  // never destroyed: arrays may outlive static objects
    return *cache;
}

void* take_cached(size_t bytes) {
    void* block = block_cache().take(bytes);
    if (block) usage.add(size_of(block));
    return block;
}

}  // namespace

void* allocate_block(size_t& bytes) {
    bytes = round_up(bytes);
    if (bytes < kMinCached) return new_block(bytes);
    if (void* block = take_cached(bytes)) {
        bytes = size_of(block);
        return block;
    }
    usage.add(bytes);
    block_cache().trim();
    try {
        return new_block(bytes);
    } catch (...) {
        usage.remove(bytes);
        throw;
    }
}

void* grow_block(void* block, size_t used, size_t& bytes) {
    if (!block) return allocate_block(bytes);
    bytes = round_up(bytes);
    void* larger = bytes >= kMinCached ? take_cached(bytes) : nullptr;
    if (!larger) {
        const size_t before = size_of(block);
        larger = enlarge_block(block, bytes);
        if (before >= kMinCached) usage.remove(before);
        if (bytes >= kMinCached) usage.add(bytes);
        return larger;
    }
    bytes = size_of(larger);
    std::memcpy(larger, block, used);
    free_block(block);
    return larger;
}

void free_block(void* block) noexcept {
    if (!block) return;
    if (size_of(block) >= kMinCached) {
        usage.remove(size_of(block));
        try {
            if (block_cache().put(block)) return;
        } catch (const std::bad_alloc&) {
        }
    }
    release_block(block);
}

void release_cached_blocks() { block_cache().clear(); }

}  // namespace headrace
