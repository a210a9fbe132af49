// tensorflow.TensorProto messages (tensorflow/core/framework/tensor.proto): arrays of numbers or strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "bytes/span.hpp"

namespace headrace {

constexpr size_t kMaxDimensions = 64;  // NumPy's limit
constexpr int32_t kStringType = 7;

enum class TensorFault : int {
    kNone = 0,
    kMalformed = 1,    // not a protocol buffer of this type
    kType = 2,         // found: a tensorflow.DataType that arrays cannot have
    kUnknownRank = 3,
    kRank = 4,         // found: the number of dimensions; expected: the limit
    kDimension = 5,    // found: a negative dimension
    kSize = 6,         // the array's size overflows 64 bits
    kContent = 7,      // found, expected: bytes of tensor_content
    kStrings = 8,      // tensor_content does not hold exactly the expected number of strings
    kBool = 9,         // found: a boolean byte other than 0 and 1
    kFill = 10,        // found: bytes of an array that repeats its last value; expected: the limit
};

struct Tensor {
    TensorFault fault = TensorFault::kNone;
    int64_t found = 0;
    int64_t expected = 0;
    int32_t type = 0;  // tensorflow.DataType
    std::vector<int64_t> shape;
    Buffer<uint8_t> numbers;    // all elements, row-major; 4-bit and 2-bit elements take one byte each
    std::vector<Span> strings;  // views of the message; missing strings repeat the last, or are empty without one
};

// Parses the message; without a fault, the array is complete. Memory is bounded by the message's size, and for arrays
// that repeat their last value by `fill_limit` bytes.
Tensor read_tensor(Span message, uint64_t fill_limit);

}  // namespace headrace
