#include "json/survey.hpp"

#include <algorithm>

#include "bytes/utf8.hpp"

namespace headrace {

namespace {

// Whether a number with a fraction or an exponent could be beyond the largest float64.
bool may_overflow(std::string_view text) {
    return text.size() > 300 || text.find_first_of("eE") != std::string_view::npos;
}

}  // namespace

JsonSurvey::Node* JsonSurvey::add(Node* parent, std::string_view name) {
    Node& node = nodes_.emplace_back();
    node.name = name;
    node.parent = parent;
    node.number = static_cast<int64_t>(nodes_.size()) - 1;
    node.first.fill(-1);
    return &node;
}

JsonSurvey::Result JsonSurvey::append(Span text, int64_t line) {
    const bool valid = is_utf8(text);
    JsonParser<JsonSurvey> parser(*this);
    for (line_ = line; text.size(); ++line_) {
        const Span one = take_line(text);
        if (is_blank(one)) continue;
        if (!valid && !is_utf8(one)) return {line_, one.at, {JsonFault::kUtf8, one.at, one.end, root_, {}}};
        if (!parser.parse(one, *root_)) return {line_, one.at, parser.failure()};
        ++rows_;
    }
    return {};
}

JsonFault JsonSurvey::on_number(Node& node, const JsonNumber& number) {
    constexpr uint64_t kExact = uint64_t{1} << 53;
    switch (number.kind) {
        case JsonNumber::kFloat:
            if (may_overflow(number.text)) {
                double value;
                if (!to_float(number, value)) return JsonFault::kFloat;
            }
            return note(node, JsonKind::kFloat);
        case JsonNumber::kInt64: note(node, JsonKind::kInt64); break;
        case JsonNumber::kUint64: note(node, JsonKind::kUint64); break;
        case JsonNumber::kLarge: note(node, JsonKind::kLarge); break;
    }
    if (number.negative) note(node, JsonKind::kNegative);
    if (number.kind != JsonNumber::kInt64 || number.magnitude > kExact) note(node, JsonKind::kInexact);
    return JsonFault::kNone;
}

JsonFault JsonSurvey::begin_object(Node& node) {
    note(node, JsonKind::kObject);
    node.next = 0;
    node.open = ++objects_;
    return JsonFault::kNone;
}

JsonFault JsonSurvey::find_member(Node& node, std::string_view name, Node*& member) {
    if (node.next < node.members.size() && node.members[node.next]->name == name) {
        member = node.members[node.next];
    } else if (const auto known = node.by_name.find(name); known != node.by_name.end()) {
        member = known->second;
    } else {
        if (static_cast<int64_t>(nodes_.size()) > max_nodes_) return JsonFault::kNames;
        member = add(&node, name);
        node.members.push_back(member);
        node.by_name.emplace(member->name, member);
        node.next = node.members.size() - 1;
    }
    if (member->seen_in == node.open) return JsonFault::kRepeated;
    member->seen_in = node.open;
    ++node.next;
    return JsonFault::kNone;
}

JsonFault JsonSurvey::end_list(Node& node, int64_t count) {
    node.shortest = node.shortest < 0 ? count : std::min(node.shortest, count);
    node.longest = std::max(node.longest, count);
    return JsonFault::kNone;
}

JsonFault JsonSurvey::find_item(Node& node, Node*& item) {
    if (!node.list_item) {
        if (static_cast<int64_t>(nodes_.size()) > max_nodes_) return JsonFault::kNames;
        node.list_item = add(&node, "");
        node.list_item->item = true;
    }
    item = node.list_item;
    return JsonFault::kNone;
}

}  // namespace headrace
