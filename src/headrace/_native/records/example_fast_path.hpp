// Examples of the form every known writer makes, read in one pass straight into the columns: one Features message, its
// entries a short key and a value and no more, the value one list, numbers in one packed piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "records/column_builder.hpp"
#include "records/name_index.hpp"
#include "records/wire.hpp"

namespace headrace {

// Appends a Feature message to the column, true if it is of this form and fits. If not, a scalar column is as it was;
// any other may hold some of its values.
bool append_plain_feature(Column& column, Span feature);

// Takes steps off the front of a FeatureList message as long as each is one number of the column's kind and fits, written
// as every known writer does; how many. The column's layout is kScalar.
int64_t take_plain_steps(Column& column, Span& list);

class PlainExample {
public:
    void resize(size_t columns) { last_row_.assign(columns, -1); }

    // True if the record is of this form and fits the columns; it is now their row `row`. If not, the columns are as
    // they were, and a slower reader finds out what the record is.
    bool append(Span record, int64_t row, std::vector<Column>& columns, NameIndex& names);

private:
    bool take_features(Span features, int64_t row, std::vector<Column>& columns, NameIndex& names);
    bool take_entry(Span& features, size_t position, int64_t row, std::vector<Column>& columns, NameIndex& names);
    bool fill_absent(int64_t row, std::vector<Column>& columns) const;

    // An entry of one number, as it last lay at a position: all its bytes up to the number. Where they come again, they
    // need not be taken apart again.
    struct Familiar {
        static constexpr size_t kLongest = 48;

        uint8_t bytes[kLongest];
        uint8_t size = 0;         // 0: none yet
        uint8_t number_size = 0;
        int column = -1;
    };
    static constexpr size_t kMostFamiliar = 1 << 12;  // positions

    bool take_familiar(Span& features, const Familiar& known, int64_t row, std::vector<Column>& columns);
    void remember(size_t position, Span entry, const Column& column, int number);

    std::vector<Familiar> familiar_;
    std::vector<int64_t> last_row_;  // in which each column was found
    size_t found_ = 0;               // columns, in this row
};

}  // namespace headrace
