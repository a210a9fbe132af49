#include "text/csv_records.hpp"

#include <cstring>
#include <stdexcept>

#include "bytes/utf8.hpp"
#include "text/csv_cells.hpp"

namespace headrace {

namespace {

constexpr uint8_t kQuoteByte = '"';

enum class FieldEnd { kDelimiter, kLine, kPartial, kUnclosed, kStray };

struct Field {
    Span cell;
    bool quoted = false;
    FieldEnd end = FieldEnd::kPartial;
};

// Reads fields and line breaks from the front of a text.
class FieldReader {
public:
    FieldReader(Span bytes, uint8_t delimiter, bool final) : at_(bytes.at), end_(bytes.end), delimiter_(delimiter), final_(final) {}

    const uint8_t* at() const { return at_; }
    size_t lines() const { return lines_; }
    bool at_end() const { return at_ == end_; }
    bool at_line_break() const { return at_ < end_ && (*at_ == '\n' || *at_ == '\r'); }

    // Consumes a line break: \n, \r\n or \r. False if its end is not known yet.
    bool take_line_break() {
        if (*at_ == '\r') {
            if (at_ + 1 == end_ && !final_) return false;
            if (at_ + 1 < end_ && at_[1] == '\n') ++at_;
        }
        ++at_;
        ++lines_;
        return true;
    }

    // Reads a field with the delimiter or the line break after it.
    Field take_field() {
        if (at_ < end_ && *at_ == kQuoteByte) return take_quoted();
        const uint8_t* const start = at_;
        while (at_ < end_ && *at_ != delimiter_ && *at_ != '\n' && *at_ != '\r') ++at_;
        return finish({{start, at_}, false});
    }

private:
    Field take_quoted() {
        const uint8_t* const start = ++at_;
        for (;;) {
            const auto* quote = static_cast<const uint8_t*>(std::memchr(at_, kQuoteByte, static_cast<size_t>(end_ - at_)));
            if (!quote || (quote + 1 == end_ && !final_)) {
                at_ = end_;
                return {{start, end_}, true, final_ ? FieldEnd::kUnclosed : FieldEnd::kPartial};
            }
            at_ = quote + 1;
            if (at_ < end_ && *at_ == kQuoteByte) {
                ++at_;
                continue;
            }
            lines_ += count_line_breaks({start, quote});
            return finish({{start, quote}, true});
        }
    }

    Field finish(Field field) {
        if (at_ == end_) {
            field.end = final_ ? FieldEnd::kLine : FieldEnd::kPartial;
        } else if (*at_ == delimiter_) {
            ++at_;
            field.end = FieldEnd::kDelimiter;
        } else if (*at_ == '\n' || *at_ == '\r') {
            field.end = take_line_break() ? FieldEnd::kLine : FieldEnd::kPartial;
        } else {
            field.end = FieldEnd::kStray;
        }
        return field;
    }

    static size_t count_line_breaks(Span text) {
        size_t count = 0;
        for (const uint8_t* p = text.at; p < text.end; ++p)
            count += *p == '\n' || (*p == '\r' && !(p + 1 < text.end && p[1] == '\n'));
        return count;
    }

    const uint8_t* at_;
    const uint8_t* const end_;
    const uint8_t delimiter_;
    const bool final_;
    size_t lines_ = 0;
};

class Scanner {
public:
    Scanner(Span bytes, const CsvRules& rules, bool final)
        : start_(bytes.at), rules_(rules), columns_(rules.columns), reader_(bytes, rules.delimiter, final) {}

    CsvScan scan(size_t max_records) {
        while (found_.records < max_records && !reader_.at_end())
            if (!scan_record()) break;
        if (found_.fault == CsvFault::kNone && !is_utf8({start_, start_ + found_.end})) found_.fault = CsvFault::kUtf8;
        return found_;
    }

private:
    // Returns false at the end of the complete records, or at a fault.
    bool scan_record() {
        const size_t line = reader_.lines();
        if (reader_.at_line_break() && columns_ != 1) {
            if (!reader_.take_line_break()) return false;
            complete();
            return true;
        }
        size_t column = 0;
        for (;; ++column) {
            const size_t field_line = reader_.lines();
            const Field field = reader_.take_field();
            if (field.end == FieldEnd::kPartial) return false;
            if (field.end == FieldEnd::kUnclosed) return fail(CsvFault::kUnclosed, column, field_line, field.cell);
            if (field.end == FieldEnd::kStray) return fail(CsvFault::kQuote, column, field_line, field.cell);
            if (column < rules_.columns && !is_allowed(column, field.cell)) return fail(CsvFault::kKind, column, field_line, field.cell);
            if (field.end == FieldEnd::kLine) break;
        }
        const size_t fields = column + 1;
        found_.fields = fields;
        if (columns_ && fields != columns_) return fail(CsvFault::kFields, column, line, {});
        columns_ = fields;
        found_.line = line;
        ++found_.records;
        complete();
        return true;
    }

    bool is_allowed(size_t column, Span cell) {
        const bool is_checked = rules_.allowed && rules_.allowed[column] != UINT16_MAX;
        const bool is_surveyed = rules_.seen && !(rules_.seen[column] & kTextCell);
        if (!is_checked && !is_surveyed) return true;
        const uint16_t kind = classify_cell(cell);
        if (rules_.seen) rules_.seen[column] |= kind;
        return !is_checked || !(kind & ~rules_.allowed[column]);
    }

    void complete() {
        found_.end = static_cast<size_t>(reader_.at() - start_);
        found_.lines = reader_.lines();
    }

    bool fail(CsvFault fault, size_t column, size_t line, Span cell) {
        found_.fault = fault;
        found_.column = column;
        found_.line = line;
        if (cell.at) {
            found_.from = static_cast<size_t>(cell.at - start_);
            found_.to = static_cast<size_t>(cell.end - start_);
        }
        return false;
    }

    const uint8_t* const start_;
    const CsvRules rules_;
    size_t columns_;
    FieldReader reader_;
    CsvScan found_;
};

std::string unescape(Span cell) {
    std::string text;
    text.reserve(cell.size());
    for (const uint8_t* p = cell.at; p < cell.end; ++p) {
        text.push_back(static_cast<char>(*p));
        if (*p == kQuoteByte && p + 1 < cell.end && p[1] == kQuoteByte) ++p;
    }
    return text;
}

}  // namespace

CsvScan scan_csv(Span bytes, const CsvRules& rules, bool final, size_t max_records) {
    return Scanner(bytes, rules, final).scan(max_records);
}

std::vector<CsvField> split_csv_record(Span bytes, uint8_t delimiter) {
    FieldReader reader(bytes, delimiter, true);
    std::vector<CsvField> fields;
    while (reader.at_line_break()) reader.take_line_break();
    for (;;) {
        const Field field = reader.take_field();
        fields.push_back({field.quoted ? unescape(field.cell) : std::string(field.cell.text()), field.quoted});
        if (field.end != FieldEnd::kDelimiter) return fields;
    }
}

std::vector<std::string> cut_csv_columns(Span bytes, uint8_t delimiter, size_t columns, size_t width) {
    std::vector<std::string> parts((columns + width - 1) / width);
    for (std::string& part : parts) part.reserve(bytes.size() / parts.size());
    FieldReader reader(bytes, delimiter, true);
    while (!reader.at_end()) {
        if (columns != 1 && reader.at_line_break()) {
            reader.take_line_break();
            continue;
        }
        const uint8_t* start = reader.at();
        for (size_t column = 1;; ++column) {
            const Field field = reader.take_field();
            const bool is_last = field.end != FieldEnd::kDelimiter;
            if (column > columns || is_last != (column == columns))
                throw std::invalid_argument("data: expected " + std::to_string(columns) + " fields in each record");
            if (is_last || column % width == 0) {
                std::string& part = parts[(column - 1) / width];
                part.append(start, field.cell.end + field.quoted);
                part.push_back('\n');
                start = reader.at();
            }
            if (is_last) break;
        }
    }
    return parts;
}

}  // namespace headrace
