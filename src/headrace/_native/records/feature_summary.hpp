// Summaries of a feature over many records or steps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "records/record_failure.hpp"
#include "records/feature_values.hpp"
#include "bytes/utf8.hpp"

namespace headrace {

struct FeatureSummary {
    std::string name;
    uint32_t kind = kNoKind;
    int64_t present = 0;    // the number of records, or of a feature list's steps, that have it
    int64_t min_count = 0;  // the number of values, where present
    int64_t max_count = 0;
    bool text = true;       // all bytes values are UTF-8 without NUL
};

// Adds features to their summaries; holds the buffers that they are parsed into.
class FeatureInspector {
public:
    // `read(values, kind)` appends the feature to `values` and returns false if it is malformed. Fails with kKind if the
    // feature's kind differs from that of earlier records.
    template <typename Read>
    RecordFailure add(FeatureSummary& summary, Read&& read) {
        uint32_t kind;
        int64_t count = 0;
        if (!count_values(read, floats_, kind, count) || !count_values(read, ints_, kind, count) ||
            !count_values(read, bytes_, kind, count))
            return {.fault = RecordFault::kMalformed};
        if (kind == kNoKind) return {};
        if (summary.kind != kNoKind && summary.kind != kind)
            return {.fault = RecordFault::kKind, .found = kind, .expected = summary.kind};
        summary.kind = kind;
        summary.min_count = summary.present ? std::min(summary.min_count, count) : count;
        summary.max_count = std::max(summary.max_count, count);
        ++summary.present;
        if (kind == kBytes)
            for (size_t i = 0; i < bytes_.size(); ++i) summary.text = summary.text && is_text(bytes_.value(i));
        return {};
    }

private:
    template <typename Read, typename Values>
    static bool count_values(Read&& read, Values& values, uint32_t& kind, int64_t& count) {
        values.truncate(0);
        if (!read(values, kind)) return false;
        if (kind == Values::kind) count = static_cast<int64_t>(values.size());
        return true;
    }

    static bool is_text(Span value) {
        return is_utf8(value) && !(value.size() && std::memchr(value.at, 0, value.size()));
    }

    FloatValues floats_;
    Int64Values ints_;
    BytesValues bytes_;
};

}  // namespace headrace
