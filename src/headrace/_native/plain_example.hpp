// Examples of the form every known writer makes, read in one pass straight into the columns: one Features message, its
// entries a short key and a value and no more, the value one list, numbers in one packed piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "column.hpp"
#include "name_index.hpp"
#include "wire.hpp"

namespace headrace {

class PlainExample {
public:
    void resize(size_t columns) { last_row_.assign(columns, -1); }

    // True if the record is of this form and fits the columns; it is now their row `row`. If not, the columns are as
    // they were, and a slower reader finds out what the record is.
    bool append(Span record, int64_t row, std::vector<Column>& columns, NameIndex& names);

private:
    bool take_features(Span features, int64_t row, std::vector<Column>& columns, NameIndex& names);
    bool fill_absent(int64_t row, std::vector<Column>& columns) const;

    std::vector<int64_t> last_row_;  // in which each column was found
    size_t found_ = 0;               // columns, in this row
};

}  // namespace headrace
