// tensorflow.TensorProto messages (tensorflow/core/framework/tensor.proto): one array of numbers or strings each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes/buffer.hpp"
#include "records/wire.hpp"

namespace headrace {

constexpr size_t kMostDimensions = 64;  // NumPy's limit
constexpr int32_t kStringType = 7;

enum class TensorFault : int {
    kNone = 0,
    kMalformed = 1,    // no protocol buffer, or not of this type
    kType = 2,         // found: a number in tensorflow.DataType that no array can have
    kUnknownRank = 3,
    kRank = 4,         // found, expected: dimensions, the most there may be
    kDimension = 5,    // found: a dimension below 0
    kSize = 6,         // the array passes what 64-bit sizes reach
    kContent = 7,      // found, expected: bytes of tensor_content
    kStrings = 8,      // expected: strings; tensor_content does not hold just as many
    kBool = 9,         // found: a byte that is neither 0 nor 1
    kFill = 10,        // found, expected: bytes of the array, the limit if its last value repeats
};

struct Tensor {
    TensorFault fault = TensorFault::kNone;
    int64_t found = 0;
    int64_t expected = 0;
    int32_t type = 0;  // a number in tensorflow.DataType
    std::vector<int64_t> shape;
    Buffer<uint8_t> numbers;    // all elements, in rows; four-bit and two-bit ones take a byte each
    std::vector<Span> strings;  // in the message; an array that is larger repeats the last, or has empty strings
};

// Without a fault the array is whole. What a message holds literally is bounded by the message's size; `fill_limit`
// bounds the bytes of an array most of which is one repeated value.
Tensor read_tensor(Span message, uint64_t fill_limit);

}  // namespace headrace
