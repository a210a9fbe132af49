// Rows of record batches with arbitrary types, buffers and offsets are gathered, or refused.
#include "columns/row_chunks.hpp"

#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

constexpr const char* kFormats[] = {"n", "b", "c", "s", "f", "l", "w:3", "u", "z", "U", "Z", "d:9,2", "tin", "+l", "+L", "+m", "+w:2", "+w:0", "+s", "vu"};
constexpr int kMaxDepth = 4;

// A schema and the memory it refers to.
struct Schema {
    ArrowSchema schema{};
    std::deque<Schema> children;
    std::vector<ArrowSchema*> addresses;

    Schema(fuzz::Input& input, const char* format, size_t count, int depth) {
        for (size_t i = 0; i < count; ++i) {
            const char* child = kFormats[input.byte() % std::size(kFormats)];
            const size_t grandchildren = child[0] != '+' || depth == kMaxDepth ? 0 : child[1] == 's' ? input.byte() % 3 : 1;
            addresses.push_back(&children.emplace_back(input, child, grandchildren, depth + 1).schema);
        }
        schema.format = format;
        schema.n_children = static_cast<int64_t>(count);
        schema.children = addresses.data();
    }
};

// An array of arbitrary buffers for a schema, and the sizes of its buffers.
struct Array {
    ArrowArray array{};
    std::deque<fuzz::Block> blocks;
    std::deque<Array> children;
    std::vector<ArrowArray*> addresses;
    std::vector<const void*> buffers;

    Array(fuzz::Input& input, const ArrowSchema& schema, int64_t length, std::vector<int64_t>& sizes) {
        const std::string format = schema.format;
        const bool has_offsets = std::strchr("uUzZ", format[0]) || (format[0] == '+' && std::strchr("lLm", format[1]));
        const bool has_values = format[0] != '+' && format[0] != 'n';
        array.length = length;
        array.offset = input.byte() % 3;
        array.null_count = input.byte() % 3 - 1;
        if (format[0] != 'n') add_buffer(input, input.byte() % 3 ? 0 : 4, sizes);
        if (has_offsets) add_offsets(input, format.find_first_of("UZL") != format.npos, sizes);
        if (has_values) add_buffer(input, input.byte(), sizes);
        if (format[0] == 'n') sizes.push_back(0);
        for (int64_t i = 0; i < schema.n_children; ++i)
            addresses.push_back(&children.emplace_back(input, *schema.children[i], input.byte() % 32, sizes).array);
        array.n_buffers = static_cast<int64_t>(buffers.size());
        array.buffers = buffers.data();
        array.n_children = schema.n_children;
        array.children = addresses.data();
    }

    void add_buffer(fuzz::Input& input, size_t size, std::vector<int64_t>& sizes) {
        add(input.bytes(size), sizes);
    }

    // Arbitrary bytes, or ascending offsets.
    void add_offsets(fuzz::Input& input, bool wide, std::vector<int64_t>& sizes) {
        if (input.byte() % 4 == 0) return add_buffer(input, input.byte(), sizes);
        std::vector<uint8_t> bytes;
        int64_t offset = 0;
        for (int64_t i = 0; i < array.length + array.offset + 1; ++i) {
            const auto* low = reinterpret_cast<const uint8_t*>(&offset);
            bytes.insert(bytes.end(), low, low + (wide ? 8 : 4));
            offset += input.byte() % 4;
        }
        add(fuzz::Block({bytes.data(), bytes.data() + bytes.size()}), sizes);
    }

    void add(fuzz::Block block, std::vector<int64_t>& sizes) {
        sizes.push_back(static_cast<int64_t>(block.size()));
        blocks.push_back(std::move(block));
        buffers.push_back(sizes.back() ? blocks.back().data() : nullptr);
    }
};

void require_consistent(const GatheredColumn& column, int64_t rows) {
    require(column.rows == rows, "the numbers of rows differ");
    require(column.nulls >= 0 && column.nulls <= rows, "the number of nulls is wrong");
    if (!column.buffers.empty() && column.buffers[0].size())
        require(static_cast<int64_t>(column.buffers[0].size()) == (rows + 7) / 8, "the validity bitmap has another size");
    for (const GatheredColumn& child : column.children) require_consistent(child, child.rows);
}

void release(ArrowArray* array) { array->release = nullptr; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const Schema schema(input, "+s", 1 + input.byte() % 3, 0);
    std::deque<Array> arrays;  // of all columns, chunk by chunk
    std::vector<ArrowArray*> columns;
    std::vector<std::vector<int64_t>> sizes;
    try {
        RowChunks chunks(schema.schema);
        for (int chunk = input.byte() % 3; chunk >= 0; --chunk) {
            const int64_t length = input.byte() % 8;
            columns.clear(), sizes.clear();
            for (int64_t i = 0; i < schema.schema.n_children; ++i)
                columns.push_back(&arrays.emplace_back(input, *schema.schema.children[i], length, sizes.emplace_back()).array);
            ArrowArray batch{};
            batch.length = length;
            batch.n_children = schema.schema.n_children;
            batch.children = columns.data();
            batch.release = release;
            chunks.add(batch, sizes);
        }
        std::vector<int64_t> rows(input.byte() % 16);
        for (int64_t& row : rows) row = input.byte() % (chunks.rows() + 1) - (input.byte() == 255);
        const GatheredColumn taken = chunks.take(rows);
        require_consistent(taken, static_cast<int64_t>(rows.size()));
        for (const GatheredColumn& column : taken.children) require_consistent(column, taken.rows);
    } catch (const std::invalid_argument&) {
    } catch (const std::out_of_range&) {
    } catch (const std::overflow_error&) {
    }
    return 0;
}
