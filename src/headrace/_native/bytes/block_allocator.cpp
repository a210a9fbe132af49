#include "bytes/block_allocator.hpp"

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

constexpr size_t kHeader = 64;                   // holds the block's size
constexpr size_t kSmallest = 64 << 10;           // below, malloc does as well
constexpr size_t kKeptBytes = 96 << 20;
constexpr size_t kMapped = 1 << 20;              // from this size on, a block is a mapping of its own
constexpr size_t kHugePage = 2 << 20;

size_t& size_of(void* block) { return *reinterpret_cast<size_t*>(static_cast<char*>(block) - kHeader); }

// One of four sizes for each power of two, so that blocks of about the same size can stand in for each other.
size_t rounded(size_t bytes) {
    if (bytes < kSmallest) return bytes;
    const size_t step = std::bit_floor(bytes) / 4;
    return (bytes + step - 1) / step * step;
}

#ifdef __linux__

// Of large blocks given back, the C library keeps tens of megabytes for each thread; a mapping is gone at once.
bool is_mapped(size_t bytes) { return bytes >= kMapped; }

// Asks for huge pages, of which there are fewer to clear one by one; for all of it, as only one mapping can be enlarged.
void* mapped(void* memory, size_t bytes) {
    if (memory == MAP_FAILED) return nullptr;
    if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

void* allocate(size_t bytes) {
    if (!is_mapped(bytes)) return std::malloc(bytes);
    return mapped(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes);
}

void release(void* memory, size_t bytes) {
    if (is_mapped(bytes))
        munmap(memory, bytes);
    else
        std::free(memory);
}

// Null if there is no room; `memory` is as it was then.
void* enlarge(void* memory, size_t bytes, size_t wanted) {
    if (is_mapped(bytes)) return mapped(mremap(memory, bytes, wanted, MREMAP_MAYMOVE), wanted);
    if (!is_mapped(wanted)) return std::realloc(memory, wanted);
    void* larger = allocate(wanted);
    if (!larger) return nullptr;
    std::memcpy(larger, memory, bytes);
    release(memory, bytes);
    return larger;
}

#else

void* allocate(size_t bytes) { return std::malloc(bytes); }
void release(void* memory, size_t) { std::free(memory); }
void* enlarge(void* memory, size_t, size_t wanted) { return std::realloc(memory, wanted); }

#endif

void* with_header(void* memory, size_t bytes) {
    if (!memory) throw std::bad_alloc();
    void* block = static_cast<char*>(memory) + kHeader;
    size_of(block) = bytes;
    return block;
}

void* new_block(size_t bytes) { return with_header(allocate(bytes + kHeader), bytes); }

void* enlarged(void* block, size_t bytes) {
    void* memory = static_cast<char*>(block) - kHeader;
    return with_header(enlarge(memory, size_of(block) + kHeader, bytes + kHeader), bytes);
}

void drop(void* block) { release(static_cast<char*>(block) - kHeader, size_of(block) + kHeader); }

class KeptBlocks {
public:
    // A kept block of `bytes` to twice as many, or null.
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

    // False if the block is not wanted. The oldest make room.
    bool keep(void* block) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock || size_of(block) > kKeptBytes) return false;
        while (bytes_ + size_of(block) > kKeptBytes) drop_oldest();
        blocks_.push_back(block);
        bytes_ += size_of(block);
        return true;
    }

private:
    void drop_oldest() {
        bytes_ -= size_of(blocks_.front());
        drop(blocks_.front());
        blocks_.erase(blocks_.begin());
    }

    // Only ever tried: whoever finds it taken does without, so a fork while it is taken blocks nobody.
    std::mutex mutex_;
    std::vector<void*> blocks_;  // oldest first
    size_t bytes_ = 0;
};

KeptBlocks& kept() {
    static auto* blocks = new KeptBlocks;  // never destroyed: arrays may outlive everything
    return *blocks;
}

}  // namespace

void* take_block(size_t& bytes) {
    bytes = rounded(bytes);
    if (bytes >= kSmallest) {
        if (void* block = kept().take(bytes)) {
            bytes = size_of(block);
            return block;
        }
    }
    return new_block(bytes);
}

void* grow_block(void* block, size_t used, size_t& bytes) {
    if (!block) return take_block(bytes);
    bytes = rounded(bytes);
    void* larger = bytes >= kSmallest ? kept().take(bytes) : nullptr;
    if (!larger) return enlarged(block, bytes);
    bytes = size_of(larger);
    std::memcpy(larger, block, used);
    give_back(block);
    return larger;
}

void give_back(void* block) noexcept {
    if (!block) return;
    try {
        if (size_of(block) >= kSmallest && kept().keep(block)) return;
    } catch (const std::bad_alloc&) {
    }
    drop(block);
}

}  // namespace headrace
