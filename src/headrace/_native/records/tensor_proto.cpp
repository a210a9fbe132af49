#include "records/tensor_proto.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "bytes/utf8.hpp"
#include "records/wire.hpp"

namespace headrace {

namespace {

// Field numbers of TensorProto, TensorShapeProto and TensorShapeProto.Dim.
enum Fields : uint32_t {
    kType = 1, kShape = 2, kContent = 4, kFloats = 5, kDoubles = 6, kInts = 7, kTexts = 8, kComplexes = 9, kInt64s = 10,
    kBools = 11, kDoubleComplexes = 12, kHalves = 13, kUint32s = 16, kUint64s = 17, kFloat8s = 18,
};
enum ShapeFields : uint32_t { kDim = 2, kRankUnknown = 3 };
enum DimFields : uint32_t { kDimSize = 1, kDimName = 2 };

// One DataType: its elements take `size` bytes in memory and are stored in tensor_content or in field `field`.
struct ElementType {
    int32_t type;
    uint32_t field;
    uint32_t size;
};

constexpr ElementType kElementTypes[] = {
    {1, kFloats, 4},  // float
    {2, kDoubles, 8},  // double
    {3, kInts, 4}, {4, kInts, 1}, {5, kInts, 2}, {6, kInts, 1},  // int32, uint8, int16, int8
    {kStringType, kTexts, sizeof(void*)},
    {8, kComplexes, 8},  // complex64
    {9, kInt64s, 8},  // int64
    {10, kBools, 1},  // bool
    {11, kInts, 1}, {12, kInts, 1}, {13, kInts, 4},  // qint8, quint8, qint32
    {14, kHalves, 2},  // bfloat16
    {15, kInts, 2}, {16, kInts, 2}, {17, kInts, 2},  // qint16, quint16, uint16
    {18, kDoubleComplexes, 16},  // complex128
    {19, kHalves, 2},  // half
    {22, kUint32s, 4}, {23, kUint64s, 8},
    // five float8 types; float4 follows below
    {24, kFloat8s, 1}, {25, kFloat8s, 1}, {26, kFloat8s, 1}, {27, kFloat8s, 1}, {28, kFloat8s, 1},
    {29, kInts, 1}, {30, kInts, 1}, {31, kInts, 1}, {32, kInts, 1},  // int4, uint4, int2, uint2
    {33, kFloat8s, 1},
};

const ElementType* find_type(int32_t type) {
    for (const ElementType& known : kElementTypes)
        if (known.type == type) return &known;
    return nullptr;
}

// The width in bytes of the numbers in a fixed-width field, or 0 for other fields.
size_t fixed_width(uint32_t field) {
    if (field == kFloats || field == kComplexes) return 4;
    return field == kDoubles || field == kDoubleComplexes ? 8 : 0;
}

bool holds_varints(uint32_t field) {
    return field == kInts || field == kInt64s || field == kBools || field == kHalves || field == kUint32s ||
           field == kUint64s;
}

class TensorReader {
public:
    TensorReader(Span message, uint64_t fill_limit) : message_(message), fill_limit_(fill_limit) {}

    Tensor read() {
        if (read_head() && find_size() && read_content() && read_values()) fill();
        return std::move(tensor_);
    }

private:
    bool fail(TensorFault fault, int64_t found = 0, int64_t expected = 0) {
        tensor_.fault = fault;
        tensor_.found = found;
        tensor_.expected = expected;
        return false;
    }

    bool malformed() { return fail(TensorFault::kMalformed); }

    bool has_content() const { return content_.size() > 0; }

    bool read_head() {
        MessageReader fields(message_);
        Field field;
        while (fields.next(field)) {
            if (field.is(kType, kVarint)) tensor_.type = static_cast<int32_t>(field.varint);
            if (field.is(kShape, kLengthDelimited) && !read_shape(field.bytes)) return malformed();
            if (field.is(kContent, kLengthDelimited)) content_ = field.bytes;
        }
        return !fields.malformed() || malformed();
    }

    bool read_shape(Span shape) {
        MessageReader fields(shape);
        Field field;
        while (fields.next(field)) {
            if (field.is(kRankUnknown, kVarint)) unknown_rank_ = field.varint != 0;
            if (field.is(kDim, kLengthDelimited) && !read_dimension(field.bytes)) return false;
        }
        return !fields.malformed();
    }

    bool read_dimension(Span dimension) {
        int64_t size = 0;
        MessageReader fields(dimension);
        Field field;
        while (fields.next(field)) {
            if (field.is(kDimSize, kVarint)) size = static_cast<int64_t>(field.varint);
            if (field.is(kDimName, kLengthDelimited) && !is_utf8(field.bytes)) return false;
        }
        if (++rank_ <= kMaxDimensions) tensor_.shape.push_back(size);
        return !fields.malformed();
    }

    // Computes the array's size. Fails if an array cannot have this type or shape.
    bool find_size() {
        type_ = find_type(tensor_.type);
        if (!type_) return fail(TensorFault::kType, tensor_.type);
        if (unknown_rank_) return fail(TensorFault::kUnknownRank);
        if (rank_ > kMaxDimensions) return fail(TensorFault::kRank, static_cast<int64_t>(rank_), kMaxDimensions);
        int64_t extent = type_->size;  // zeros counted as ones: NumPy requires this product to fit, too
        bool empty = false;
        for (const int64_t size : tensor_.shape) {
            if (size < 0) return fail(TensorFault::kDimension, size);
            empty = empty || size == 0;
            if (size > 0 && extent > std::numeric_limits<int64_t>::max() / size) return fail(TensorFault::kSize);
            extent *= std::max<int64_t>(size, 1);
        }
        bytes_ = empty ? 0 : static_cast<uint64_t>(extent);
        return true;
    }

    bool read_content() {
        if (!bytes_ || !has_content()) return true;
        if (type_->type == kStringType) return read_string_content();
        if (content_.size() != bytes_)
            return fail(TensorFault::kContent, static_cast<int64_t>(content_.size()), static_cast<int64_t>(bytes_));
        if (type_->field == kBools)
            for (const uint8_t* byte = content_.at; byte < content_.end; ++byte)
                if (*byte > 1) return fail(TensorFault::kBool, *byte);
        tensor_.numbers.append(content_.at, bytes_);
        return true;
    }

    // Parses the lengths of all strings, followed by the strings.
    bool read_string_content() {
        const uint64_t count = bytes_ / type_->size;
        Span left = content_;
        if (count > left.size()) return fail(TensorFault::kStrings, 0, static_cast<int64_t>(count));
        std::vector<uint64_t> lengths(count);
        uint64_t total = 0;
        for (uint64_t& length : lengths) {
            if (!read_varint(left, length) || length > content_.size() - total)
                return fail(TensorFault::kStrings, 0, static_cast<int64_t>(count));
            total += length;
        }
        if (total != left.size()) return fail(TensorFault::kStrings, 0, static_cast<int64_t>(count));
        for (const uint64_t length : lengths) {
            tensor_.strings.push_back({left.at, left.at + length});
            left.at += length;
        }
        return true;
    }

    // Reads the values from the type's field, unless there is content. Checks that all fields are well-formed.
    bool read_values() {
        const uint64_t expected = has_content() ? 0 : bytes_;
        MessageReader fields(message_);
        Field field;
        while (fields.next(field)) {
            const uint64_t capacity = field.number == type_->field ? expected : 0;
            if (fixed_width(field.number)) {
                if (!append_fixed(field, capacity)) return malformed();
            } else if (holds_varints(field.number)) {
                if (!append_varints(field, capacity)) return malformed();
            } else if (field.is(kTexts, kLengthDelimited)) {
                if (tensor_.strings.size() < capacity / type_->size) tensor_.strings.push_back(field.bytes);
            } else if (field.is(kFloat8s, kLengthDelimited) && capacity) {
                tensor_.numbers.truncate(0);  // a single bytes value: the last one counts
                tensor_.numbers.append(field.bytes.at, std::min<uint64_t>(field.bytes.size(), capacity));
            }
        }
        return true;  // read_head has checked that the message is well-formed
    }

    bool append_fixed(const Field& field, uint64_t capacity) {
        const size_t width = fixed_width(field.number);
        if (field.type != kLengthDelimited && field.type != (width == 4 ? kFixed32 : kFixed64)) return true;
        if (field.bytes.size() % width) return false;
        if (capacity) tensor_.numbers.append(field.bytes.at, std::min(field.bytes.size(), capacity - tensor_.numbers.size()));
        return true;
    }

    bool append_varints(const Field& field, uint64_t capacity) {
        if (field.type == kVarint) append_integer(field.varint, capacity);
        if (field.type != kLengthDelimited) return true;
        Span packed = field.bytes;
        uint64_t value;
        while (packed.at < packed.end) {
            if (!read_varint(packed, value)) return false;
            append_integer(value, capacity);
        }
        return true;
    }

    void append_integer(uint64_t value, uint64_t capacity) {
        if (tensor_.numbers.size() >= capacity) return;
        if (type_->field == kBools) value = value != 0;
        tensor_.numbers.append(&value, type_->size);  // little-endian: the low bytes come first
    }

    // Repeats the last value where values are missing: TensorFlow omits trailing values that equal it. Without any value,
    // all are zero.
    void fill() {
        const bool strings = type_->type == kStringType;
        const uint64_t given = strings ? tensor_.strings.size() * type_->size
                                       : tensor_.numbers.size() / type_->size * type_->size;
        if (given < bytes_ && bytes_ > fill_limit_) {
            fail(TensorFault::kFill, static_cast<int64_t>(bytes_), static_cast<int64_t>(fill_limit_));
        } else if (!strings) {
            tensor_.numbers.truncate(given);
            if (given < bytes_) repeat_last(given);
        }
    }

    void repeat_last(uint64_t given) {
        if (!given) return tensor_.numbers.append_zeros(bytes_);
        uint8_t* rest = tensor_.numbers.extend(bytes_ - given);
        uint8_t* const end = rest + (bytes_ - given);
        const uint8_t* const last = rest - type_->size;
        for (size_t filled = type_->size; rest < end; filled *= 2) {
            const size_t count = std::min(filled, static_cast<size_t>(end - rest));
            std::memcpy(rest, last, count);
            rest += count;
        }
    }

    Span message_;
    uint64_t fill_limit_;
    Tensor tensor_;
    const ElementType* type_ = nullptr;
    Span content_;
    bool unknown_rank_ = false;
    size_t rank_ = 0;
    uint64_t bytes_ = 0;  // the size of the whole array; a string counts as a pointer
};

}  // namespace

Tensor read_tensor(Span message, uint64_t fill_limit) { return TensorReader(message, fill_limit).read(); }

}  // namespace headrace
