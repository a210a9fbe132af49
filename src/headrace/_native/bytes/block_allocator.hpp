// Allocates the memory of the arrays that the kernels return. The operating system clears each page of new memory, which
// costs more than filling it, so freed large blocks are cached and reused. Blocks in use and cached ones together take no
// more memory than was in use at once lately, or 96 MB above what is in use.
#pragma once

#include <cstddef>

namespace headrace {

// Allocates a block of at least `bytes` bytes and sets `bytes` to its capacity. Throws std::bad_alloc.
void* allocate_block(size_t& bytes);

// Reallocates `block`, or allocates one if it is null, and preserves its first `used` bytes. Sets `bytes` as above.
void* grow_block(void* block, size_t used, size_t& bytes);

void free_block(void* block) noexcept;

// Returns the cached blocks to the system. Another thread that is using the cache at that moment keeps them cached.
void release_cached_blocks();

}  // namespace headrace
