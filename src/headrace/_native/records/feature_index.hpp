// Where in one serialised tf.train.Example or SequenceExample each feature's message lies.
#pragma once

#include <cstdint>
#include <vector>

#include "records/feature_values.hpp"
#include "records/wire.hpp"

namespace headrace {

// Features are known by number; the caller's `resolve(name, position)` gives a name's number, or -1 to pass it over.
class FeatureIndex {
public:
    void resize(size_t features) { slots_.resize(features); }

    // Reads the record's outer layers: the map in its field `number`, an Example's features, a SequenceExample's
    // context (1) or feature lists (2). False if they are malformed.
    template <typename Resolve>
    bool read(Span record, Resolve&& resolve, uint32_t number = 1) {
        ++record_;
        merged_.clear();
        size_t position = 0;
        return for_each(record, number, [&](Span features) {
            return for_each(features, 1, [&](Span entry) { return take_entry(entry, position++, resolve); });
        });
    }

    // Reads one feature's values to the end of `values`, through the list of whichever kind comes last. `kind` is
    // that kind, kNoKind if the feature is absent or empty. False if malformed.
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

    // Whether the record has the feature.
    bool has(size_t feature) const { return slots_[feature].record == record_; }

    // Of a FeatureList that the record has, the first or only piece; steps may be taken off its front.
    Span& first_piece(size_t feature) { return slots_[feature].message; }

    // Calls `take(message)` for each Feature of a FeatureList; false if that does or the list is malformed.
    template <typename Take>
    bool for_each_step(size_t feature, Take&& take) const {
        const Slot& slot = slots_[feature];
        if (!for_each(slot.message, 1, take)) return false;
        for (int32_t i = slot.merged; i >= 0; i = merged_[i].next)
            if (!for_each(merged_[i].message, 1, take)) return false;
        return true;
    }

    // Reads one Feature message to the end of `values`, as `read_values` does.
    template <typename Values>
    static bool read_feature(Span message, Values& values, uint32_t& kind) {
        kind = kNoKind;
        return read_message(message, values, values.size(), kind);
    }

private:
    struct Slot {
        Span message;
        uint64_t record = 0;   // of the record this was found in
        int32_t merged = -1;   // more pieces of the same message
    };
    struct Piece {
        Span message;
        int32_t next;
    };

    template <typename Take>
    static bool for_each(Span message, uint32_t number, Take&& take) {
        MessageReader fields(message);
        Field field;
        while (fields.next(field))
            if (field.is(number, kLengthDelimited) && !take(field.bytes)) return false;
        return !fields.malformed();
    }

    // An entry as every known writer makes them: the key, then the value, and nothing else.
    static bool split_plain_entry(Span entry, Span& key, Span& value) {
        constexpr uint8_t kKeyTag = 1 << 3 | kLengthDelimited, kValueTag = 2 << 3 | kLengthDelimited;
        if (entry.size() < 4 || entry.at[0] != kKeyTag || entry.at[1] > 0x7f) return false;
        const size_t length = entry.at[1];
        if (entry.size() < length + 4 || entry.at[2 + length] != kValueTag) return false;
        key = {entry.at + 2, entry.at + 2 + length};
        value = {key.end + 1, entry.end};
        uint64_t value_length;
        return take_varint(value, value_length) && value_length == value.size();
    }

    template <typename Resolve>
    bool take_entry(Span entry, size_t position, Resolve&& resolve) {
        Span key, value;
        if (!split_plain_entry(entry, key, value)) return take_odd_entry(entry, position, resolve);
        const int feature = resolve(key.text(), position);
        if (feature >= 0) slots_[static_cast<size_t>(feature)] = {value, record_, -1};
        return true;
    }

    // An entry of map<string, Feature>. A later entry of the same key replaces an earlier one; within an entry,
    // several values merge.
    template <typename Resolve>
    bool take_odd_entry(Span entry, size_t position, Resolve&& resolve) {
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
            return values.take_list(message);
        }
        MessageReader fields(message);
        Field field;
        while (fields.next(field)) {
            if (field.type != kLengthDelimited || field.number > kInt64) continue;
            if (field.number != kind) values.truncate(start);
            kind = field.number;
            if (kind == Values::kind && !values.take_list(field.bytes)) return false;
        }
        return !fields.malformed();
    }

    std::vector<Slot> slots_;
    std::vector<Piece> merged_;
    uint64_t record_ = 0;
};

}  // namespace headrace
