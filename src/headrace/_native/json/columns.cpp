#include "json/columns.hpp"

#include <limits>
#include <utility>

#include "bytes/utf8.hpp"

namespace headrace {

namespace {

constexpr size_t kMaxOffset = std::numeric_limits<int32_t>::max();

bool has_offsets(JsonLayout layout) {
    return layout == JsonLayout::kText || layout == JsonLayout::kBytes || layout == JsonLayout::kList;
}

bool is_float(JsonLayout layout) { return layout == JsonLayout::kFloat32 || layout == JsonLayout::kFloat64; }

// Whether float64 holds an integer for certain.
bool is_exact(const JsonNumber& number) {
    return number.kind == JsonNumber::kInt64 && number.magnitude <= uint64_t{1} << 53;
}

int base64_value(uint8_t letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

// Appends the bytes of a text in base64, with padding.
bool decode_base64(std::string_view text, Buffer<uint8_t>& out) {
    if (text.size() % 4) return false;
    for (size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        const int padding = last ? (text[i + 3] == '=') + (text[i + 3] == '=' && text[i + 2] == '=') : 0;
        uint32_t bits = 0;
        for (int j = 0; j < 4; ++j) {
            const int value = j < 4 - padding ? base64_value(static_cast<uint8_t>(text[i + static_cast<size_t>(j)])) : 0;
            if (value < 0) return false;
            bits = bits << 6 | static_cast<uint32_t>(value);
        }
        for (int j = 0; j < 3 - padding; ++j) out.push(static_cast<uint8_t>(bits >> (16 - 8 * j)));
    }
    return true;
}

}  // namespace

JsonColumns::JsonColumns(const std::vector<JsonField>& fields, bool strict) {
    root_ = add({"", JsonLayout::kObject, 0, 0, 0, strict, fields}, nullptr);
}

JsonColumns::Node* JsonColumns::add(const JsonField& field, Node* parent) {
    Node& node = nodes_.emplace_back();
    node.name = field.name;
    node.layout = field.layout;
    node.size = field.size;
    node.lowest = field.lowest;
    node.highest = field.highest;
    node.strict = field.strict;
    node.parent = parent;
    if (has_offsets(node.layout)) node.offsets.push(0);
    for (const JsonField& child : field.children) {
        Node* member = add(child, &node);
        member->item = node.layout == JsonLayout::kList || node.layout == JsonLayout::kFixed;
        node.members.push_back(member);
    }
    if (node.layout == JsonLayout::kBytes) {
        Node* text = add({"base64", JsonLayout::kText, 0, 0, 0, true, {}}, &node);
        text->base64 = true;
        node.members.push_back(text);
    }
    for (Node* member : node.members) node.by_name.emplace(member->name, member);
    return &node;
}

JsonColumns::Result JsonColumns::append(Span text, int64_t max_rows) {
    const uint8_t* start = text.at;
    const auto consumed = [&] { return static_cast<size_t>(text.at - start); };
    const bool valid = is_utf8(text);
    JsonParser<JsonColumns> parser(*this);
    int64_t line = 0;
    for (; text.size() && root_->length < max_rows; ++line) {
        const Span one = take_line(text);
        if (is_blank(one)) continue;
        if (!valid && !is_utf8(one)) return {consumed(), line, one.at, {JsonFault::kUtf8, one.at, one.end, root_, {}}};
        if (!parser.parse(one, *root_)) return {consumed(), line, one.at, parser.failure()};
        lines_.push(static_cast<int32_t>(line));
    }
    return {consumed(), line, nullptr, {}};
}

void JsonColumns::append_null(Node& node) {
    node.validity.mark_null(node.length);
    switch (node.layout) {
        case JsonLayout::kBool: push<uint8_t>(node, 0); return;
        case JsonLayout::kFloat32: push<float>(node, 0); return;
        case JsonLayout::kInt64:
        case JsonLayout::kUint64:
        case JsonLayout::kFloat64: push<int64_t>(node, 0); return;
        case JsonLayout::kText:
        case JsonLayout::kBytes:
        case JsonLayout::kList: node.offsets.push(node.offsets[node.offsets.size() - 1]); break;
        case JsonLayout::kFixed:
        case JsonLayout::kObject: break;
    }
    ++node.length;
}

void JsonColumns::pad(Node& node, int64_t length) {
    while (node.length < length) append_null(node);
}

JsonFault JsonColumns::on_null(Node& node) {
    if (!node.base64) append_null(node);
    return node.base64 ? JsonFault::kType : JsonFault::kNone;
}

JsonFault JsonColumns::on_bool(Node& node, bool value) {
    if (node.layout != JsonLayout::kBool) return JsonFault::kType;
    push<uint8_t>(node, value);
    return JsonFault::kNone;
}

JsonFault JsonColumns::on_number(Node& node, const JsonNumber& number) {
    const bool integer = number.kind != JsonNumber::kFloat;
    if (node.layout == JsonLayout::kInt64) {
        if (!integer) return JsonFault::kType;
        if (number.kind != JsonNumber::kInt64) return JsonFault::kRange;
        const int64_t value = number.to_int64();
        if (value < node.lowest || value > node.highest) return JsonFault::kRange;
        push(node, value);
    } else if (node.layout == JsonLayout::kUint64) {
        if (!integer) return JsonFault::kType;
        if (number.kind == JsonNumber::kLarge || (number.negative && number.magnitude)) return JsonFault::kRange;
        push(node, number.magnitude);
    } else if (node.strict && integer && !is_exact(number)) {
        return is_float(node.layout) ? JsonFault::kRange : JsonFault::kType;
    } else if (node.layout == JsonLayout::kFloat64) {
        double value;
        if (!to_float(number, value)) return JsonFault::kFloat;
        push(node, value);
    } else if (node.layout == JsonLayout::kFloat32) {
        float value;
        if (!to_float(number, value)) return JsonFault::kFloat;
        push(node, value);
    } else {
        return JsonFault::kType;
    }
    return JsonFault::kNone;
}

JsonFault JsonColumns::on_string(Node& node, const JsonString& string) {
    if (node.layout != JsonLayout::kText) return JsonFault::kType;
    Node& to = node.base64 ? *node.parent : node;
    if (node.base64) {
        if (string.escaped) {
            Buffer<uint8_t> plain;
            unescape(string.text, plain);
            if (!decode_base64({reinterpret_cast<const char*>(plain.data()), plain.size()}, to.values)) return JsonFault::kBase64;
        } else if (!decode_base64(string.text, to.values)) {
            return JsonFault::kBase64;
        }
    } else if (string.escaped) {
        unescape(string.text, to.values);
    } else {
        to.values.append(string.text.data(), string.text.size());
    }
    if (to.values.size() > kMaxOffset) return JsonFault::kOverflow;
    to.offsets.push(static_cast<int32_t>(to.values.size()));
    ++to.length;
    return JsonFault::kNone;
}

JsonFault JsonColumns::begin_object(Node& node) {
    if (node.layout != JsonLayout::kObject && node.layout != JsonLayout::kBytes) return JsonFault::kType;
    node.next = 0;
    return JsonFault::kNone;
}

// An object of bytes has got its value by its only member, whose length remains 0.
JsonFault JsonColumns::end_object(Node& node) {
    if (node.layout == JsonLayout::kBytes) return node.next == 1 ? JsonFault::kNone : JsonFault::kType;
    ++node.length;
    return JsonFault::kNone;
}

JsonFault JsonColumns::find_member(Node& node, std::string_view name, Node*& member) {
    if (node.next < node.members.size() && node.members[node.next]->name == name) {
        member = node.members[node.next];
    } else {
        const auto known = node.by_name.find(name);
        member = known == node.by_name.end() ? nullptr : known->second;
    }
    if (node.layout == JsonLayout::kBytes) {
        if (!member || node.next) return JsonFault::kType;
    } else if (member) {
        if (member->length > node.length) return JsonFault::kRepeated;
        pad(*member, node.length);
    }
    if (!member) return node.strict ? JsonFault::kUnknown : JsonFault::kNone;
    ++node.next;
    return JsonFault::kNone;
}

JsonFault JsonColumns::begin_list(Node& node) {
    return node.layout == JsonLayout::kList || node.layout == JsonLayout::kFixed ? JsonFault::kNone : JsonFault::kType;
}

JsonFault JsonColumns::find_item(Node& node, Node*& item) {
    item = node.members[0];
    if (node.layout == JsonLayout::kFixed) {
        pad(*item, node.length * node.size);
        if (item->length >= (node.length + 1) * node.size) return JsonFault::kLength;
    }
    return JsonFault::kNone;
}

JsonFault JsonColumns::end_list(Node& node, int64_t count) {
    if (node.layout == JsonLayout::kFixed) {
        if (count != node.size) return JsonFault::kLength;
    } else {
        const auto end = static_cast<size_t>(node.members[0]->length);
        if (end > kMaxOffset) return JsonFault::kOverflow;
        node.offsets.push(static_cast<int32_t>(end));
    }
    ++node.length;
    return JsonFault::kNone;
}

GatheredColumn JsonColumns::finish() { return finish(*root_); }

GatheredColumn JsonColumns::finish(Node& node) {
    GatheredColumn column;
    column.rows = node.length;
    column.nulls = node.validity.nulls();
    column.buffers.push_back(std::move(node.validity.finish(node.length)));
    if (has_offsets(node.layout)) {
        Buffer<uint8_t> bytes;
        bytes.append(node.offsets.data(), node.offsets.size() * sizeof(int32_t));
        column.buffers.push_back(std::move(bytes));
    }
    if (node.layout == JsonLayout::kBool) {
        Buffer<uint8_t> bits;
        bits.append_zeros((static_cast<size_t>(node.length) + 7) / 8);
        for (size_t i = 0; i < node.values.size(); ++i) bits[i / 8] |= static_cast<uint8_t>(node.values[i] << i % 8);
        column.buffers.push_back(std::move(bits));
    } else if (node.layout < JsonLayout::kList) {
        column.buffers.push_back(std::move(node.values));
    }
    if (node.layout == JsonLayout::kBytes) return column;
    for (Node* member : node.members) {
        if (node.layout == JsonLayout::kObject) pad(*member, node.length);
        if (node.layout == JsonLayout::kFixed) pad(*member, node.length * node.size);
        column.children.push_back(finish(*member));
    }
    return column;
}

}  // namespace headrace
