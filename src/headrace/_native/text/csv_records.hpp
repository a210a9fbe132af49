// The records of CSV text: where they end, and whether each is well-formed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes/span.hpp"

namespace headrace {

enum class CsvFault : uint8_t {
    kNone,
    kFields,    // more or fewer fields than columns
    kUnclosed,  // a quoted field that never ends
    kQuote,     // text after the closing quote of a field
    kKind,      // a cell of a kind that its column does not allow
    kUtf8,      // bytes that are not UTF-8; without a place
};

struct CsvScan {
    size_t end = 0;      // bytes of the complete records, from the start
    size_t records = 0;  // their number
    size_t lines = 0;    // the line breaks in them
    size_t fields = 0;   // the fields of the last record, or of the record at fault
    size_t line = 0;     // the line break before the last record, or before the fault
    CsvFault fault = CsvFault::kNone;
    size_t column = 0;   // the field at fault
    size_t from = 0;     // its bytes, without quotes
    size_t to = 0;
};

struct CsvRules {
    uint8_t delimiter = ',';
    size_t columns = 0;                 // 0: as many as the first record has
    const uint16_t* allowed = nullptr;  // for each column the kinds of cells that may occur; nullptr: any
    uint16_t* seen = nullptr;           // for each column the kinds that occurred, to which those found are added
};

// Scans records until the end, a fault, or `max_records`. An incomplete record at the end is left to the next call, unless
// `final`. A blank line is a record of one empty field where there is one column; elsewhere it is skipped.
CsvScan scan_csv(Span bytes, const CsvRules& rules, bool final, size_t max_records);

struct CsvField {
    std::string text;
    bool quoted;
};

// The fields of the first record, which must be complete and well-formed, without their quotes.
std::vector<CsvField> split_csv_record(Span bytes, uint8_t delimiter);

// The text of each `width` consecutive columns, and of those that are left. The records must be complete and well-formed,
// of `columns` fields; blank lines are left out.
std::vector<std::string> cut_csv_columns(Span bytes, uint8_t delimiter, size_t columns, size_t width);

}  // namespace headrace
