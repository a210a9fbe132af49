// CSV text scanned at once, and in two parts of any size: the same records, kinds of cells and fault.
#include "text/csv_records.hpp"

#include <vector>

#include "input.hpp"
#include "text/csv_cells.hpp"

using namespace headrace;
using fuzz::require;

namespace {

void check_record(Span record, const CsvRules& rules) {
    const CsvScan scan = scan_csv(record, rules, true, 1);
    const auto fields = split_csv_record(record, rules.delimiter);
    if (scan.records) require(fields.size() == scan.fields, "the numbers of fields differ");
    for (const CsvField& field : fields) require(field.text.size() <= record.size(), "a field is longer than its record");
}

// Scans a part that does not end the text, then the rest of it.
void check_parts(Span whole, size_t length, const CsvRules& rules, const CsvScan& expected, const std::vector<uint16_t>& kinds) {
    std::vector<uint16_t> seen(rules.columns);
    CsvRules own = rules;
    own.seen = seen.empty() ? nullptr : seen.data();
    const fuzz::Block part(Span{whole.at, whole.at + length});
    const CsvScan first = scan_csv(part.span(), own, false, SIZE_MAX);
    require(first.end <= length, "a record ends outside the text");
    if (first.fault != CsvFault::kNone) return;
    const fuzz::Block rest(Span{whole.at + first.end, whole.end});
    const CsvScan second = scan_csv(rest.span(), own, true, SIZE_MAX);
    if (second.fault == CsvFault::kUtf8 || expected.fault == CsvFault::kUtf8) return;
    require(second.fault == expected.fault, "the faults differ");
    require(first.records + second.records == expected.records, "the numbers of records differ");
    require(first.lines + second.lines == expected.lines, "the numbers of lines differ");
    require(first.end + second.end == expected.end, "the ends differ");
    if (expected.fault == CsvFault::kNone) require(seen == kinds, "the kinds of cells differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    constexpr uint8_t kDelimiters[] = {',', ';', '\t', '|'};
    const uint8_t form = input.byte();
    const size_t length = input.byte() | static_cast<size_t>(input.byte()) << 8;
    const fuzz::Block block = input.bytes();
    const Span whole = block.span();
    std::vector<uint16_t> seen(form >> 2 & 7), allowed(seen.size(), form & 0x20 ? uint16_t{UINT16_MAX} : uint16_t{kMissingCell | kExactInteger});
    CsvRules rules{kDelimiters[form & 3], seen.size()};
    if (!seen.empty()) {
        rules.seen = seen.data();
        if (form & 0x40) rules.allowed = allowed.data();
    }
    const CsvScan scan = scan_csv(whole, rules, true, SIZE_MAX);
    require(scan.end <= whole.size() && scan.from <= scan.to && scan.to <= whole.size(), "a place lies outside the text");
    check_record(whole, {rules.delimiter, 0});
    if (!seen.empty()) check_parts(whole, length % (whole.size() + 1), rules, scan, seen);
    const uint16_t kind = classify_cell(whole);
    require(kind != 0 && kind < 2 * kTextCell, "a cell has no kind");
    return 0;
}
