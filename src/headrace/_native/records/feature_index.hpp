// The position of each feature's message in one serialised tf.train.Example or SequenceExample.
#pragma once

#include <cstdint>
#include <vector>

#include "records/feature_values.hpp"
#include "records/wire.hpp"

namespace headrace {

// Features are identified by number: `resolve(name, position)` maps a name to its number, or to -1 to skip the feature.
class FeatureIndex {
public:
    void resize(size_t features) { slots_.resize(features); }

    // Indexes the map in field `number` of the record: the features of an Example, or the context (1) or feature lists
    // (2) of a SequenceExample. Returns false if the record is malformed.
    template <typename Resolve>
    bool read(Span record, Resolve&& resolve, uint32_t number = 1) {
        ++record_;
        merged_.clear();
        size_t position = 0;
        return for_each(record, number, [&](Span features) {
            return for_each(features, 1, [&](Span entry) { return add_entry(entry, position++, resolve); });
        });
    }

    // Appends the feature's values to `values` if their kind matches. Of lists of several kinds, the last one counts.
    // Sets `kind` to that list's kind, or to kNoKind if the feature is absent or empty. Returns false if it is malformed.
    template <typename Values>
    bool read_values(size_t feature, Values& values, uint32_t& kind) const {
        const Slot& slot = slots_[feature];
        kind = kNoKind;
        if (slot.record != record_) return true;
        const size_t start = values.size();
        if (!read_message(slot.message, values, start, kind)) return false;
        for (int32_t i = slot.merged; i >= 0; i = merged_[i].next)
            if (!read_message(merged_[i].message, values, start, kind)) return false;
        return true;
    }

    bool has(size_t feature) const { return slots_[feature].record == record_; }

    // The first piece of a FeatureList that the record has. The caller may consume steps from its front.
    Span& first_piece(size_t feature) { return slots_[feature].message; }

    // Calls `visit(message)` for each Feature of a FeatureList. Returns false if `visit` does, or if the list is
    // malformed.
    template <typename Visit>
    bool for_each_step(size_t feature, Visit&& visit) const {
        const Slot& slot = slots_[feature];
        if (!for_each(slot.message, 1, visit)) return false;
        for (int32_t i = slot.merged; i >= 0; i = merged_[i].next)
            if (!for_each(merged_[i].message, 1, visit)) return false;
        return true;
    }

    // Appends the values of one Feature message, as `read_values` does.
    template <typename Values>
    static bool read_feature(Span message, Values& values, uint32_t& kind) {
        kind = kNoKind;
        return read_message(message, values, values.size(), kind);
    }

private:
    struct Slot {
        Span message;
        uint64_t record = 0;  // the record in which the feature was found
        int32_t merged = -1;  // the first of further pieces of the same message, or -1
    };
    struct Piece {
        Span message;
        int32_t next;  // or -1
    };

    template <typename Visit>
    static bool for_each(Span message, uint32_t number, Visit&& visit) {
        MessageReader fields(message);
        Field field;
        while (fields.next(field))
            if (field.is(number, kLengthDelimited) && !visit(field.bytes)) return false;
        return !fields.malformed();
    }

    // Splits an entry in canonical form, as all known writers produce it: the key, then the value, and nothing else.
    static bool split_canonical_entry(Span entry, Span& key, Span& value) {
        constexpr uint8_t kKeyTag = 1 << 3 | kLengthDelimited, kValueTag = 2 << 3 | kLengthDelimited;
        if (entry.size() < 4 || entry.at[0] != kKeyTag || entry.at[1] > 0x7f) return false;
        const size_t length = entry.at[1];
        if (entry.size() < length + 4 || entry.at[2 + length] != kValueTag) return false;
        key = {entry.at + 2, entry.at + 2 + length};
        value = {key.end + 1, entry.end};
        uint64_t value_length;
        return read_varint(value, value_length) && value_length == value.size();
    }

    template <typename Resolve>
    bool add_entry(Span entry, size_t position, Resolve&& resolve) {
        Span key, value;
        if (!split_canonical_entry(entry, key, value)) return add_general_entry(entry, position, resolve);
        const int feature = resolve(key.text(), position);
        if (feature >= 0) slots_[static_cast<size_t>(feature)] = {value, record_, -1};
        return true;
    }

    // Adds an entry of map<string, Feature> in any form. An entry replaces earlier ones with the same key; several values
    // in one entry are merged.
    template <typename Resolve>
    bool add_general_entry(Span entry, size_t position, Resolve&& resolve) {
        Span key, value;
        int32_t first_merged = -1, last_merged = -1;
        bool has_value = false;
        MessageReader fields(entry);
        Field field;
        while (fields.next(field)) {
            if (field.is(1, kLengthDelimited)) key = field.bytes;
            if (!field.is(2, kLengthDelimited)) continue;
            if (has_value) {
                append_piece(field.bytes, first_merged, last_merged);
            } else {
                value = field.bytes;
                has_value = true;
            }
        }
        if (fields.malformed()) return false;
        const int feature = resolve(key.text(), position);
        if (feature >= 0) slots_[static_cast<size_t>(feature)] = {value, record_, first_merged};
        return true;
    }

    void append_piece(Span message, int32_t& first, int32_t& last) {
        const auto added = static_cast<int32_t>(merged_.size());
        merged_.push_back({message, -1});
        if (last >= 0) merged_[static_cast<size_t>(last)].next = added;
        if (first < 0) first = added;
        last = added;
    }

    template <typename Values>
    static bool read_message(Span message, Values& values, size_t start, uint32_t& kind) {
        if (kind == kNoKind && unwrap_only_field(message, Values::kind << 3 | kLengthDelimited)) {
            kind = Values::kind;
            return values.read_list(message);
        }
        MessageReader fields(message);
        Field field;
        while (fields.next(field)) {
            if (field.type != kLengthDelimited || field.number > kInt64) continue;
            if (field.number != kind) values.truncate(start);
            kind = field.number;
            if (kind == Values::kind && !values.read_list(field.bytes)) return false;
        }
        return !fields.malformed();
    }

    std::vector<Slot> slots_;
    std::vector<Piece> merged_;
    uint64_t record_ = 0;
};

}  // namespace headrace
