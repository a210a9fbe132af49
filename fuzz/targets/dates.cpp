// Dates in strings: in the years 1 to 9999, with white space around them too, and equal when they are written again.
#include "text/dates.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "input.hpp"

using namespace headrace;
using fuzz::require;

namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr std::string_view kKinds = "YymdHIMSfjbapz ";

int64_t parse(const std::string& text, const std::vector<DateStep>& steps) {
    const auto* start = reinterpret_cast<const uint8_t*>(text.data());
    const fuzz::Block block({start, start + text.size()});
    const int32_t offsets[] = {0, static_cast<int32_t>(text.size())};
    int64_t date = 0;
    parse_dates({offsets, 1, block.data()}, steps.data(), steps.size(), &date);
    return date;
}

std::string write_iso(int64_t date) {
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::microseconds(date));
    const std::chrono::year_month_day day{std::chrono::sys_days(days)};
    const int64_t left = date - days.count() * kDay;
    require(0 <= left && left < kDay, "a date is not in its day");
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), static_cast<int>(left / 3'600'000'000),
                  static_cast<int>(left / 60'000'000 % 60), static_cast<int>(left / 1'000'000 % 60), static_cast<int>(left % 1'000'000));
    return text;
}

void check(const std::string& text, const std::vector<DateStep>& steps) {
    const int64_t date = parse(text, steps);
    require(parse(" \t" + text + "\n ", steps) == date, "white space around a date changes it");
    if (date == kMissingDate) return;
    const std::string iso = write_iso(date);
    require(iso.size() == 27 && iso >= "0001", "a date lies outside the years 1 to 9999");
    require(parse(iso, {}) == date, "a date differs when it is read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    std::vector<DateStep> steps(input.byte() % 12);
    for (DateStep& step : steps) {
        const uint8_t form = input.byte();
        const bool is_literal = form % 16 == kKinds.size();
        step.kind = is_literal ? uint8_t{0} : static_cast<uint8_t>(kKinds[form % 16]);
        step.least = input.byte();
        step.most = is_literal ? uint8_t{1} : input.byte();
    }
    for (const fuzz::Block& string : input.records()) {
        const std::string text(string.span().text());
        check(text, steps);
        check(text, {});
    }
    return 0;
}
