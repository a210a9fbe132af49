// Parses JSON lines into Arrow columns by a schema.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bytes/buffer.hpp"
#include "columns/gather.hpp"
#include "json/parser.hpp"
#include "records/validity.hpp"

namespace headrace {

enum class JsonLayout : int {
    kBool = 0,
    kInt64 = 1,
    kUint64 = 2,
    kFloat32 = 3,
    kFloat64 = 4,
    kText = 5,    // strings; other values as they are written
    kBytes = 6,   // {"base64": "..."}
    kList = 7,
    kFixed = 8,   // lists of `size` items
    kObject = 9,
};

struct JsonField {
    std::string name;
    JsonLayout layout;
    int64_t size;     // of a list
    int64_t lowest;   // of kInt64
    int64_t highest;  // of kInt64
    bool strict;      // kText takes strings only, floats only integers that they hold exactly, kObject known keys only
    std::vector<JsonField> children;
};

class JsonColumns {
public:
    struct Node {
        std::string name;
        JsonLayout layout;
        int64_t size, lowest, highest;
        bool strict;
        Node* parent = nullptr;
        bool item = false;
        bool base64 = false;  // the text of kBytes, whose values are its parent's
        std::vector<Node*> members;
        std::unordered_map<std::string_view, Node*> by_name;
        size_t next = 0;
        int64_t length = 0;       // values so far
        Buffer<uint8_t> values;   // bits, numbers or characters
        Buffer<int32_t> offsets;  // of texts and lists, [length + 1]
        Validity validity;
    };

    // With `strict`, lines have no other keys.
    JsonColumns(const std::vector<JsonField>& fields, bool strict);

    struct Result {
        size_t consumed = 0;  // bytes
        int64_t line = 0;     // the lines consumed, or the line of the failure
        const uint8_t* line_start = nullptr;
        JsonFailure<Node> failure;
    };
    // Adds lines until there are `max_rows` rows in all.
    Result append(Span text, int64_t max_rows);

    int64_t rows() const { return root_->length; }

    // The line of each row, counted within the call that added it.
    Buffer<int32_t>& lines() { return lines_; }

    // All rows as a struct; the object is then empty and must not be used any more.
    GatheredColumn finish();

    bool takes_text(const Node& node) const { return node.layout == JsonLayout::kText && !node.base64 && !node.strict; }
    JsonFault on_null(Node& node);
    JsonFault on_bool(Node& node, bool value);
    JsonFault on_number(Node& node, const JsonNumber& number);
    JsonFault on_string(Node& node, const JsonString& string);
    JsonFault begin_object(Node& node);
    JsonFault end_object(Node& node);
    JsonFault find_member(Node& node, std::string_view name, Node*& member);
    JsonFault begin_list(Node& node);
    JsonFault end_list(Node& node, int64_t count);
    JsonFault find_item(Node& node, Node*& item);

private:
    Node* add(const JsonField& field, Node* parent);
    void pad(Node& node, int64_t length);
    void append_null(Node& node);
    GatheredColumn finish(Node& node);

    template <typename T>
    static void push(Node& node, T value) {
        node.values.append(&value, sizeof(T));
        ++node.length;
    }

    std::deque<Node> nodes_;  // addresses stay the same
    Node* root_;
    Buffer<int32_t> lines_;
};

}  // namespace headrace
