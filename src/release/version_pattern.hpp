#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kiln::release {

/// How versions are written: `{Major}.{Minor}.{Patch}`, `{Year:4}.{Month:2}.{Day:2}`. A part in
/// braces stands for digits, for exactly so many with a width; the rest stands for itself.
class VersionPattern {
  public:
    /// @throws Error  invalid: what is wrong with it
    [[nodiscard]] static VersionPattern parse(std::string_view text);

    /// The parts' digits by name, where the whole version is written so. A month is 1 to 12, and a
    /// day one that the month has, where all of Year, Month and Day are parts.
    [[nodiscard]] std::optional<std::map<std::string, std::string>> match(std::string_view version
    ) const;

    /// Written so, whether or not its date exists.
    [[nodiscard]] bool has_shape_of(std::string_view version) const;

    /// The version of that day (UTC); nullopt: it has parts besides Year, Month and Day.
    [[nodiscard]] std::optional<std::string> of_day(TimePoint time) const;

    [[nodiscard]] std::vector<std::string> names() const;

    /// As people write it: "N.N.N", "YYYY.MM.DD".
    [[nodiscard]] std::string shown() const;

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    bool operator==(const VersionPattern& other) const { return text_ == other.text_; }

  private:
    struct Digits {
        std::string name;
        std::size_t width = 0;  ///< 0: any, at least 1
    };

    [[nodiscard]] static Digits read_digits(std::string_view text, std::string_view& rest);
    using Part = std::variant<std::string, Digits>;

    [[nodiscard]] std::optional<std::map<std::string, std::string>> split(std::string_view version
    ) const;

    std::string text_;
    std::vector<Part> parts_;
};

}  // namespace kiln::release
