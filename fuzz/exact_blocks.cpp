// In place of blocks.cpp: blocks of just the size asked for and never kept, so that the sanitizer sees what lies beyond.
#include "bytes/block_allocator.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace headrace {

void* take_block(size_t& bytes) {
    void* block = std::malloc(bytes);
    if (!block) throw std::bad_alloc();
    return block;
}

void* grow_block(void* block, size_t used, size_t& bytes) {
    void* larger = take_block(bytes);
    if (used) std::memcpy(larger, block, used);
    give_back(block);
    return larger;
}

void give_back(void* block) noexcept { std::free(block); }

}  // namespace headrace
