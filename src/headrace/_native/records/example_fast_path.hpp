// Parses Examples in canonical form, as all known writers produce them, in one pass directly into the columns: one
// Features message whose entries consist of a key and a value, each value a single list, numbers packed in one piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "records/column_builder.hpp"
#include "records/name_index.hpp"
#include "bytes/span.hpp"

namespace headrace {

// Appends a Feature message to the column. Returns false if it is not canonical or does not match the column: a scalar
// column is then unchanged; other columns may contain some of the feature's values.
bool append_canonical_feature(ColumnBuilder& column, Span feature);

// Appends steps from the front of a FeatureList message to a column of layout kScalar, as long as each is canonical and
// holds one number that matches the column. Advances `list` past them and returns their number.
int64_t append_canonical_steps(ColumnBuilder& column, Span& list);

class ExampleFastPath {
public:
    void resize(size_t columns) { last_row_.assign(columns, -1); }

    // Appends the record as row `row` of the columns. Returns false, with the columns unchanged, if the record is not
    // canonical or does not match the columns; the general parser then handles it.
    bool append(Span record, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names);

private:
    bool append_features(Span features, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names);
    bool append_entry(Span& features, size_t position, int64_t row, std::vector<ColumnBuilder>& columns, NameIndex& names);
    bool append_missing(int64_t row, std::vector<ColumnBuilder>& columns) const;

    // The last entry with a single number at some position: its bytes up to the number. An entry that starts with the same
    // bytes does not need to be parsed again.
    struct CachedEntry {
        static constexpr size_t kMaxSize = 48;

        uint8_t bytes[kMaxSize];
        uint8_t size = 0;  // 0: unused
        uint8_t number_size = 0;
        int column = -1;
    };
    static constexpr size_t kMaxCached = 1 << 12;  // positions

    bool append_cached_entry(Span& features, const CachedEntry& cached, int64_t row, std::vector<ColumnBuilder>& columns);
    void cache_entry(size_t position, Span entry, const ColumnBuilder& column, int number);

    std::vector<CachedEntry> entry_cache_;
    std::vector<int64_t> last_row_;  // the last row in which each column was found
    size_t found_ = 0;               // the number of columns found in this row
};

}  // namespace headrace
