// Pixels as planes of a channel each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace {

// Writes pixels [count, channels] as planes [channels, count]; 3 or 4 channels.
void split_channels(const uint8_t* pixels, size_t count, size_t channels, uint8_t* planes);

}  // namespace headrace
