// Replaces block_allocator.cpp: allocates blocks of exactly the requested size and caches none, so that the sanitizer
// detects any access out of bounds.
#include "bytes/block_allocator.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace headrace {

void* allocate_block(size_t& bytes) {
    void* block = std::malloc(bytes);
    if (!block) throw std::bad_alloc();
    return block;
}

void* grow_block(void* block, size_t used, size_t& bytes) {
    void* larger = allocate_block(bytes);
    if (used) std::memcpy(larger, block, used);
    free_block(block);
    return larger;
}

void free_block(void* block) noexcept { std::free(block); }

}  // namespace headrace
