// Finds which keys and which kinds of values JSON lines have, and where each kind occurs first.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/parser.hpp"

namespace headrace {

enum class JsonKind : int {
    kNull = 0,
    kBool = 1,
    kInt64 = 2,
    kUint64 = 3,    // an integer beyond int64
    kLarge = 4,     // an integer beyond uint64, or below int64
    kFloat = 5,
    kString = 6,
    kList = 7,
    kObject = 8,
    kNegative = 9,  // an integer below 0
    kInexact = 10,  // an integer that float64 may not hold: beyond 2**53
};

inline constexpr size_t kJsonKinds = 11;

class JsonSurvey {
public:
    struct Node {
        std::string name;
        Node* parent = nullptr;
        int64_t number = 0;
        bool item = false;
        std::array<int64_t, kJsonKinds> first;  // the line where a kind occurs first, or -1
        int64_t shortest = -1, longest = -1;    // lengths of lists
        int64_t open = 0;                       // the number of the object that is being read here; never two at a time
        int64_t seen_in = 0;                    // the number of the object that had this member last
        std::vector<Node*> members;
        std::unordered_map<std::string_view, Node*> by_name;  // keys are views of the members' names
        size_t next = 0;                                      // the member expected next
        Node* list_item = nullptr;
    };

    explicit JsonSurvey(int64_t max_nodes) : max_nodes_(max_nodes) { root_ = add(nullptr, ""); }

    // Adds lines, the first of which has the number `line`.
    struct Result {
        int64_t line = 0;  // of the failure
        const uint8_t* line_start = nullptr;
        JsonFailure<Node> failure;
    };
    Result append(Span text, int64_t line);

    const std::deque<Node>& nodes() const { return nodes_; }
    int64_t rows() const { return rows_; }
    int64_t values() const { return values_; }

    bool takes_text(Node&) const { return false; }
    JsonFault on_null(Node& node) { return note(node, JsonKind::kNull); }
    JsonFault on_bool(Node& node, bool) { return note(node, JsonKind::kBool); }
    JsonFault on_number(Node& node, const JsonNumber& number);
    JsonFault on_string(Node& node, const JsonString&) { return note(node, JsonKind::kString); }
    JsonFault begin_object(Node& node);
    JsonFault end_object(Node&) { return JsonFault::kNone; }
    JsonFault find_member(Node& node, std::string_view name, Node*& member);
    JsonFault begin_list(Node& node) { return note(node, JsonKind::kList); }
    JsonFault end_list(Node& node, int64_t count);
    JsonFault find_item(Node& node, Node*& item);

private:
    Node* add(Node* parent, std::string_view name);

    JsonFault note(Node& node, JsonKind kind) {
        int64_t& first = node.first[static_cast<size_t>(kind)];
        if (first < 0) first = line_;
        ++values_;
        return JsonFault::kNone;
    }

    std::deque<Node> nodes_;  // addresses stay the same
    Node* root_;
    int64_t max_nodes_;
    int64_t line_ = 0;
    int64_t rows_ = 0;
    int64_t values_ = 0;
    int64_t objects_ = 0;
};

}  // namespace headrace
