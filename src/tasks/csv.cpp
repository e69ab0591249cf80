#include "tasks/csv.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

CsvReader::CsvReader(std::string_view text, char delimiter) : rest_{text}, delimiter_{delimiter} {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (rest_.starts_with(kByteOrderMark)) {
        rest_.remove_prefix(kByteOrderMark.size());
    }
}

bool CsvReader::at_end_of_line() const noexcept {
    return rest_.empty() || rest_.starts_with('\n') || rest_.starts_with("\r\n");
}

void CsvReader::skip_empty_lines() {
    while (!rest_.empty() && at_end_of_line()) {
        rest_.remove_prefix(rest_.starts_with('\r') ? 2 : 1);
        ++line_;
    }
}

std::string CsvReader::quoted() {
    const auto first_line = line_;
    std::string out;
    rest_.remove_prefix(1);
    for (;;) {
        const auto quote = rest_.find('"');
        if (quote == std::string_view::npos) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("CSV: a quote on line {} is not closed", first_line)};
        }
        for (const char c : rest_.substr(0, quote)) {
            line_ += c == '\n' ? 1 : 0;
        }
        out += rest_.substr(0, quote);
        rest_.remove_prefix(quote + 1);
        if (!rest_.starts_with('"')) {
            return out;
        }
        out += '"';
        rest_.remove_prefix(1);
    }
}

std::string CsvReader::field() {
    std::string out;
    if (rest_.starts_with('"')) {
        out = quoted();
    }
    while (!at_end_of_line() && rest_[0] != delimiter_) {
        out += rest_[0];
        rest_.remove_prefix(1);
    }
    return out;
}

std::optional<std::vector<std::string>> CsvReader::next() {
    skip_empty_lines();
    if (rest_.empty()) {
        return std::nullopt;
    }
    std::vector<std::string> row{field()};
    while (!at_end_of_line()) {
        rest_.remove_prefix(1);
        row.push_back(field());
    }
    return row;
}

}  // namespace kiln::tasks
