// JSON lines surveyed, and parsed into columns of a schema, at once and in two parts: the same nodes, columns and fault.
#include "json/columns.hpp"
#include "json/survey.hpp"

#include <cstring>
#include <vector>

#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

constexpr const char* kNames[] = {"a", "b", "", "base64", "c\"\n", "é"};
constexpr int kMaxNesting = 3;

JsonField read_field(fuzz::Input& input, int depth) {
    const uint8_t form = input.byte();
    JsonField field{kNames[(form >> 4) % 6], static_cast<JsonLayout>(form % 10), 0, INT64_MIN, INT64_MAX, (form & 8) != 0, {}};
    if (field.layout >= JsonLayout::kList && depth == kMaxNesting) field.layout = JsonLayout::kInt64;
    if (field.layout == JsonLayout::kInt64 && form & 0x40) field.lowest = -128, field.highest = 127;
    if (field.layout == JsonLayout::kFixed) field.size = input.byte() % 4;
    if (field.layout < JsonLayout::kList) return field;
    const int children = field.layout == JsonLayout::kObject ? input.byte() % 4 : 1;
    for (int i = 0; i < children; ++i) field.children.push_back(read_field(input, depth + 1));
    return field;
}

size_t count_lines(Span text) {
    size_t lines = 0;
    for (; text.size(); ++lines) take_line(text);
    return lines;
}

// A place behind a line break, or the end.
size_t find_break(Span text, size_t from) {
    const void* found = from < text.size() ? std::memchr(text.at + from, '\n', text.size() - from) : nullptr;
    return found ? static_cast<size_t>(static_cast<const uint8_t*>(found) + 1 - text.at) : text.size();
}

template <typename Result>
void check_place(Span text, const Result& result) {
    if (result.failure.fault == JsonFault::kNone) return;
    require(text.at <= result.line_start && result.line_start <= result.failure.at, "a fault lies before its line");
    require(result.failure.at <= text.end && result.failure.end <= text.end, "a fault lies outside the text");
}

void check_survey(Span whole, size_t cut, int64_t max_nodes) {
    JsonSurvey once(max_nodes), twice(max_nodes);
    const JsonSurvey::Result result = once.append(whole, 1);
    check_place(whole, result);
    require(static_cast<int64_t>(once.nodes().size()) <= max_nodes + 1, "there are too many nodes");
    const fuzz::Block first({whole.at, whole.at + cut}), second({whole.at + cut, whole.end});
    JsonSurvey::Result parts = twice.append(first.span(), 1);
    if (parts.failure.fault == JsonFault::kNone)
        parts = twice.append(second.span(), 1 + static_cast<int64_t>(count_lines(first.span())));
    require(parts.failure.fault == result.failure.fault && parts.line == result.line, "the faults of surveys differ");
    require(once.rows() == twice.rows() && once.values() == twice.values(), "the counts of surveys differ");
    require(once.nodes().size() == twice.nodes().size(), "the numbers of nodes differ");
    for (size_t i = 0; i < once.nodes().size(); ++i) {
        const JsonSurvey::Node &one = once.nodes()[i], &other = twice.nodes()[i];
        require(one.name == other.name && one.first == other.first, "nodes differ");
        require(one.shortest == other.shortest && one.longest == other.longest, "lengths of lists differ");
    }
}

void check_offsets(const GatheredColumn& column, size_t end) {
    const Buffer<uint8_t>& bytes = column.buffers[1];
    require(bytes.size() == (static_cast<size_t>(column.rows) + 1) * sizeof(int32_t), "offsets are missing");
    std::vector<int32_t> offsets(static_cast<size_t>(column.rows) + 1);
    std::memcpy(offsets.data(), bytes.data(), bytes.size());
    require(offsets.front() == 0 && static_cast<size_t>(offsets.back()) == end, "offsets do not end with the values");
    for (size_t i = 1; i < offsets.size(); ++i) require(offsets[i - 1] <= offsets[i], "offsets descend");
}

void check_column(const GatheredColumn& column, const JsonField& field) {
    const auto rows = static_cast<size_t>(column.rows);
    require(0 <= column.nulls && column.nulls <= column.rows, "there are more nulls than rows");
    require(!column.nulls || column.buffers[0].size() * 8 >= rows, "the validity bitmap is too short");
    switch (field.layout) {
        case JsonLayout::kBool: require(column.buffers[1].size() * 8 >= rows, "bits are missing"); break;
        case JsonLayout::kFloat32: require(column.buffers[1].size() == rows * 4, "floats are missing"); break;
        case JsonLayout::kInt64:
        case JsonLayout::kUint64:
        case JsonLayout::kFloat64: require(column.buffers[1].size() == rows * 8, "numbers are missing"); break;
        case JsonLayout::kText:
        case JsonLayout::kBytes: check_offsets(column, column.buffers[2].size()); break;
        case JsonLayout::kList: check_offsets(column, static_cast<size_t>(column.children[0].rows)); break;
        case JsonLayout::kFixed:
            require(column.children[0].rows == column.rows * field.size, "items of lists of a fixed size are missing");
            break;
        case JsonLayout::kObject:
            for (const GatheredColumn& child : column.children) require(child.rows == column.rows, "members are missing");
            break;
    }
    for (size_t i = 0; i < column.children.size(); ++i) check_column(column.children[i], field.children[i]);
}

void require_same(const GatheredColumn& one, const GatheredColumn& other) {
    require(one.rows == other.rows && one.nulls == other.nulls, "the numbers of rows differ");
    require(one.children.size() == other.children.size(), "the numbers of children differ");
    for (size_t i = 0; i < one.buffers.size(); ++i) {
        const Buffer<uint8_t>&a = one.buffers[i], &b = other.buffers[i];
        require(a.size() == b.size() && (!a.size() || !std::memcmp(a.data(), b.data(), a.size())), "the buffers differ");
    }
    for (size_t i = 0; i < one.children.size(); ++i) require_same(one.children[i], other.children[i]);
}

void check_columns(Span whole, const JsonField& root, int64_t rows) {
    JsonColumns once(root.children, root.strict), twice(root.children, root.strict);
    const JsonColumns::Result result = once.append(whole, INT64_MAX);
    check_place(whole, result);
    JsonColumns::Result parts = twice.append(whole, rows);
    int64_t lines = parts.line;
    if (parts.failure.fault == JsonFault::kNone) {
        require(parts.consumed <= whole.size() && twice.rows() <= rows, "too many rows are read");
        const fuzz::Block rest({whole.at + parts.consumed, whole.end});
        parts = twice.append(rest.span(), INT64_MAX);
        lines += parts.line;
    }
    require(parts.failure.fault == result.failure.fault && lines == result.line, "the faults of columns differ");
    if (result.failure.fault != JsonFault::kNone) return;
    require(result.consumed == whole.size(), "a part of the text is left");
    require(once.lines().size() == static_cast<size_t>(once.rows()), "rows do not have lines");
    const GatheredColumn columns = once.finish();
    check_column(columns, root);
    require_same(columns, twice.finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint8_t form = input.byte();
    JsonField root{"", JsonLayout::kObject, 0, 0, 0, (form & 1) != 0, {}};
    const int fields = 1 + (form >> 1) % 4;
    for (int i = 0; i < fields; ++i) root.children.push_back(read_field(input, 1));
    const size_t cut = input.byte();
    const fuzz::Block block = input.bytes();
    check_survey(block.span(), find_break(block.span(), cut), 1 + (form >> 3));
    check_columns(block.span(), root, cut % 4);
    return 0;
}
