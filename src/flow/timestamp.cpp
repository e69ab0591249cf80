#include "flow/timestamp.hpp"

#include <chrono>

namespace kiln::flow {
namespace {

/// Reads a text from left to right; once something does not fit, nothing does.
class Scanner {
  public:
    explicit Scanner(std::string_view text) noexcept : rest_{text} {}

    /// Exactly `digits` of them.
    std::int64_t number(std::size_t digits) noexcept {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (!digit_next()) {
                failed_ = true;
                return 0;
            }
            value = value * 10 + (rest_[0] - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    bool skip(char c) noexcept {
        if (rest_.empty() || rest_[0] != c) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c) noexcept { failed_ = !skip(c) || failed_; }

    [[nodiscard]] bool digit_next() const noexcept {
        return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
    }

    [[nodiscard]] bool failed() const noexcept { return failed_; }

    [[nodiscard]] bool done() const noexcept { return !failed_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

/// Behind the point: 1 to 9 digits, as nanoseconds; -1: none.
std::int64_t fraction(Scanner& scanner) noexcept {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < 9 && scanner.digit_next(); ++digits) {
        value = value * 10 + scanner.number(1);
    }
    if (digits == 0) {
        return -1;
    }
    for (; digits < 9; ++digits) {
        value *= 10;
    }
    return value;
}

/// "Z" or "+hh:mm", in seconds.
std::int64_t offset(Scanner& scanner) noexcept {
    if (scanner.skip('Z')) {
        return 0;
    }
    const bool behind = scanner.skip('-');
    if (!behind) {
        scanner.expect('+');
    }
    const auto hours = scanner.number(2);
    scanner.expect(':');
    const auto minutes = scanner.number(2);
    const auto seconds = hours * 3600 + minutes * 60;
    if (hours > 18 || minutes > 59 || seconds > std::int64_t{18} * 3600) {
        scanner.expect('\0');
    }
    return behind ? -seconds : seconds;
}

}  // namespace

std::optional<Instant> parse_timestamp(std::string_view text) noexcept {
    Scanner scanner{text};
    const auto year = scanner.number(4);
    scanner.expect('-');
    const auto month = scanner.number(2);
    scanner.expect('-');
    const auto day = scanner.number(2);
    scanner.expect('T');
    const auto hour = scanner.number(2);
    scanner.expect(':');
    const auto minute = scanner.number(2);
    Instant instant;
    std::int64_t second = 0;
    if (scanner.skip(':')) {
        second = scanner.number(2);
        if (scanner.skip('.')) {
            instant.nanoseconds = fraction(scanner);
        }
    }
    const auto east = offset(scanner);
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(year)},
        std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}};
    const bool in_range = hour <= 23 && minute <= 59 && second <= 59 && instant.nanoseconds >= 0;
    if (!scanner.done() || !date.ok() || !in_range) {
        return std::nullopt;
    }
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    instant.seconds = std::int64_t{days} * 86'400 + hour * 3600 + minute * 60 + second - east;
    return instant;
}

}  // namespace kiln::flow
