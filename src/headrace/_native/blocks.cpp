#include "blocks.hpp"

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
constexpr size_t kKeptBytes = 64 << 20;
constexpr size_t kHugePage = 2 << 20;

size_t& size_of(void* block) { return *reinterpret_cast<size_t*>(static_cast<char*>(block) - kHeader); }

// One of four sizes for each power of two, so that blocks of about the same size can stand in for each other.
size_t rounded(size_t bytes) {
    if (bytes < kSmallest) return bytes;
    const size_t step = std::bit_floor(bytes) / 4;
    return (bytes + step - 1) / step * step;
}

// Asks for huge pages, of which there are fewer to clear one by one.
void advise(void* start, size_t bytes) {
#ifdef __linux__
    if (bytes < kHugePage) return;
    const auto begin = (reinterpret_cast<uintptr_t>(start) + kHugePage - 1) & ~(kHugePage - 1);
    const auto end = (reinterpret_cast<uintptr_t>(start) + bytes) & ~(kHugePage - 1);
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
    (void)start, (void)bytes;
#endif
}

void* with_header(void* memory, size_t bytes) {
    if (!memory) throw std::bad_alloc();
    advise(memory, bytes + kHeader);
    void* block = static_cast<char*>(memory) + kHeader;
    size_of(block) = bytes;
    return block;
}

void* without_header(void* block) { return static_cast<char*>(block) - kHeader; }

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
        std::free(without_header(blocks_.front()));
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
    return with_header(std::malloc(bytes + kHeader), bytes);
}

void* grow_block(void* block, size_t used, size_t& bytes) {
    if (!block) return take_block(bytes);
    bytes = rounded(bytes);
    void* larger = bytes >= kSmallest ? kept().take(bytes) : nullptr;
    if (!larger) return with_header(std::realloc(without_header(block), bytes + kHeader), bytes);
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
    std::free(without_header(block));
}

}  // namespace headrace
