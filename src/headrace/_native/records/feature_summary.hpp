// What one feature holds in many records or steps.
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
    int64_t present = 0;  // records, or for a feature list steps, that have it
    int64_t fewest = 0;   // values where it is there
    int64_t most = 0;
    bool text = true;     // all bytes are UTF-8 without NUL
};

// Looks at one feature after the other.
class FeatureTaster {
public:
    // `read(values, kind)` reads the feature to the end of `values`; false if malformed. Fails with kKind where the
    // feature's kind is not what it was before.
    template <typename Read>
    Failure add(FeatureSummary& summary, Read&& read) {
        uint32_t kind;
        int64_t count = 0;
        if (!count_values(read, floats_, kind, count) || !count_values(read, ints_, kind, count) ||
            !count_values(read, bytes_, kind, count))
            return {.fault = Fault::kMalformed};
        if (kind == kNoKind) return {};
        if (summary.kind != kNoKind && summary.kind != kind)
            return {.fault = Fault::kKind, .found = kind, .expected = summary.kind};
        summary.kind = kind;
        summary.fewest = summary.present ? std::min(summary.fewest, count) : count;
        summary.most = std::max(summary.most, count);
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
