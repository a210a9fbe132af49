// Memory for what the kernels give to Python. The operating system clears each page before it hands it out, which costs
// more than filling it; so large blocks that come back are kept, up to a limit, and given out again.
#pragma once

#include <cstddef>

namespace headrace {

// A block of at least `bytes`, which becomes what it really has; `give_back` takes it. Throws std::bad_alloc.
void* take_block(size_t& bytes);

// The same with the first `used` bytes of `block`, which is given back; null is as good as an empty block.
void* grow_block(void* block, size_t used, size_t& bytes);

void give_back(void* block) noexcept;

}  // namespace headrace
