#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::tasks {

/// Rows of comma-separated values: RFC 4180, with a delimiter of choice. Quotes are doubled inside
/// quotes; a row ends with LF or CRLF, outside quotes; empty lines are passed over.
class CsvReader {
  public:
    /// @param text  outlives the reader; a byte order mark is passed over
    CsvReader(std::string_view text, char delimiter);

    /// nullopt: no more. @throws Error  invalid: a quote that is not closed, with its line
    [[nodiscard]] std::optional<std::vector<std::string>> next();

  private:
    [[nodiscard]] std::string field();
    [[nodiscard]] std::string quoted();
    void skip_empty_lines();
    [[nodiscard]] bool at_end_of_line() const noexcept;

    std::string_view rest_;
    char delimiter_;
    std::size_t line_ = 1;
};

}  // namespace kiln::tasks
