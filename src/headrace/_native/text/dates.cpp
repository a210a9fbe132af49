#include "text/dates.hpp"

#include <algorithm>
#include <cstring>

namespace headrace {

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kFirst = -62'135'596'800 * kSecond;            // 0001-01-01 00:00
constexpr int64_t kLast = 253'402'300'800 * kSecond - 1;         // the end of 9999-12-31
constexpr const char* kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                   "july",    "august",   "september", "october", "november", "december"};
constexpr const char* kWeekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

struct Fields {
    int year = 0, month = 1, day = 1, day_of_year = 0;
    int hour = 0, minute = 0, second = 0, microsecond = 0;
    int hour_of_12 = 0, half = 0;  // of a clock of 12 hours: 1-12, and 0 or 12
    bool is_12 = false;
    int offset = 0;  // minutes east of UTC
};

bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
uint8_t to_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<uint8_t>(c + 32) : c; }
bool is_letter(uint8_t c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_of_month(int year, int month) { return month == 2 ? 28 + is_leap(year) : 30 + (month + month / 8) % 2; }

// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"); the year is at least 1.
int64_t days_from_civil(int year, int month, int day) {
    year -= month <= 2;
    const int era = year / 400, of_era = year - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return int64_t{era} * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int64_t to_date(const Fields& at) {
    if (at.year < 1 || at.year > 9999 || at.month < 1 || at.month > 12 || at.day < 1 || at.day > days_of_month(at.year, at.month))
        return kMissingDate;
    if (at.hour > 23 || at.minute > 59 || at.second > 59 || at.day_of_year > 365 + is_leap(at.year)) return kMissingDate;
    if (at.is_12 && (at.hour_of_12 < 1 || at.hour_of_12 > 12)) return kMissingDate;
    const int hour = at.is_12 ? at.hour_of_12 % 12 + at.half : at.hour;
    int64_t days = days_from_civil(at.year, at.month, at.day);
    if (at.day_of_year) days += at.day_of_year - 1;
    const int64_t minutes = (days * 24 + hour) * 60 + at.minute - at.offset;
    const int64_t date = (minutes * 60 + at.second) * kSecond + at.microsecond;
    return date < kFirst || date > kLast ? kMissingDate : date;
}

class Parser {
public:
    Parser(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {
        while (at_ != end_ && is_space(*at_)) ++at_;
        while (at_ != end_ && is_space(end_[-1])) --end_;
    }

    int64_t parse_iso() { return iso_date() && (at_end() || iso_time()) && at_end() ? to_date(fields_) : kMissingDate; }

    int64_t parse(const DateStep* steps, size_t count) {
        for (size_t i = 0; i < count; ++i)
            if (!step(steps[i])) return kMissingDate;
        return at_end() ? to_date(fields_) : kMissingDate;
    }

private:
    bool at_end() const { return at_ == end_; }

    bool skip(uint8_t c) {
        if (at_end() || *at_ != c) return false;
        ++at_;
        return true;
    }

    bool next_is_digit() const { return !at_end() && is_digit(*at_); }

    bool number(int least, int most, int& value) {
        constexpr int kMost = 9;  // digits of an int
        int digits = 0;
        value = 0;
        for (; digits < std::min(most, kMost) && next_is_digit(); ++digits) value = value * 10 + (*at_++ - '0');
        return digits >= least;
    }

    // Reads digits after the point: six are kept.
    bool fraction(int most) {
        int digits = 0, value = 0;
        for (; digits < most && next_is_digit(); ++digits, ++at_)
            if (digits < 6) value = value * 10 + (*at_ - '0');
        if (!digits) return false;
        for (int i = digits; i < 6; ++i) value *= 10;
        fields_.microsecond = value;
        return true;
    }

    bool iso_date() {
        if (!number(4, 4, fields_.year)) return false;
        const bool extended = skip('-');
        if (!number(2, 2, fields_.month)) return false;
        return (!extended || skip('-')) && number(2, 2, fields_.day);
    }

    bool iso_time() {
        if (!skip('T') && !skip('t') && !skip(' ')) return false;
        if (!number(2, 2, fields_.hour)) return false;
        const bool extended = skip(':');
        if (extended || next_is_digit()) {
            if (!number(2, 2, fields_.minute)) return false;
            if (extended ? skip(':') : next_is_digit()) {
                if (!number(2, 2, fields_.second)) return false;
                if ((skip('.') || skip(',')) && !fraction(1 << 30)) return false;
            }
        }
        return at_end() || iso_offset();
    }

    bool iso_offset() {
        skip(' ');
        if (skip('Z') || skip('z')) return true;
        if (end_ - at_ == 3 && !std::memcmp(at_, "UTC", 3)) {
            at_ = end_;
            return true;
        }
        return offset(true);
    }

    bool offset(bool may_be_hours) {
        const bool west = skip('-');
        if (!west && !skip('+')) return false;
        int hours = 0, minutes = 0;
        if (!number(2, 2, hours) || hours > 23) return false;
        if (skip(':') || next_is_digit() || !may_be_hours)
            if (!number(2, 2, minutes) || minutes > 59) return false;
        fields_.offset = (west ? -1 : 1) * (hours * 60 + minutes);
        return true;
    }

    // Reads a name, in full or its first three letters; -1 for any other text.
    template <size_t N>
    int name(const char* const (&names)[N]) {
        const uint8_t* start = at_;
        while (!at_end() && is_letter(*at_)) ++at_;
        const size_t size = static_cast<size_t>(at_ - start);
        for (size_t i = 0; i < N; ++i) {
            if (size != 3 && size != std::strlen(names[i])) continue;
            size_t same = 0;
            while (same < size && to_lower(start[same]) == static_cast<uint8_t>(names[i][same])) ++same;
            if (same == size) return static_cast<int>(i);
        }
        return -1;
    }

    bool half_of_day() {
        if (end_ - at_ < 2 || to_lower(at_[1]) != 'm') return false;
        const uint8_t letter = to_lower(*at_);
        if (letter != 'a' && letter != 'p') return false;
        fields_.half = letter == 'p' ? 12 : 0;
        at_ += 2;
        return at_end() || !is_letter(*at_);
    }

    bool step(const DateStep& step) {
        switch (step.kind) {
            case 0: return skip(step.least);
            case ' ': {
                const uint8_t* start = at_;
                while (!at_end() && is_space(*at_)) ++at_;
                return at_ != start;
            }
            case 'Y': return number(step.least, step.most, fields_.year);
            case 'y':
                if (!number(step.least, step.most, fields_.year)) return false;
                fields_.year += fields_.year < 69 ? 2000 : 1900;
                return true;
            case 'm': return number(step.least, step.most, fields_.month);
            case 'd': return number(step.least, step.most, fields_.day);
            case 'H': return number(step.least, step.most, fields_.hour);
            case 'I':
                fields_.is_12 = true;
                return number(step.least, step.most, fields_.hour_of_12);
            case 'M': return number(step.least, step.most, fields_.minute);
            case 'S': return number(step.least, step.most, fields_.second);
            case 'f': {
                const uint8_t* start = at_;
                return fraction(step.most) && at_ - start >= step.least;
            }
            case 'j': return number(step.least, step.most, fields_.day_of_year) && fields_.day_of_year > 0;
            case 'b': return (fields_.month = name(kMonths) + 1) > 0;
            case 'a': return name(kWeekdays) >= 0;
            case 'p': return half_of_day();
            case 'z': return skip('Z') || offset(false);
            default: return false;
        }
    }

    const uint8_t* at_;
    const uint8_t* end_;
    Fields fields_;
};

}  // namespace

void parse_dates(const Strings& strings, const DateStep* steps, size_t count, int64_t* dates) {
    for (size_t i = 0; i < strings.count; ++i) {
        Parser parser(strings.data + strings.offsets[i], strings.data + strings.offsets[i + 1]);
        dates[i] = count ? parser.parse(steps, count) : parser.parse_iso();
    }
}

}  // namespace headrace
