#pragma once

#include "sqlite/statement.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::sqlite {

/// The WHERE of a query that is put together from the filters that are set.
///
/// It may let through more than the filter wants, never less: the caller checks each row with the
/// port's own rule, so that all drivers agree.
class Conditions {
  public:
    /// `column` is one of `values`. Very many values are left to the caller's check.
    void one_of(std::string_view column, const std::vector<std::string>& values);
    /// `column` matches one of EC2's wildcard patterns, as LIKE has them (which ignores case).
    void like_one_of(std::string_view column, const std::vector<std::string>& patterns);
    /// `column` is the id of a resource whose tag `key` has one of `values` (wildcards).
    void tagged(
        std::string_view column, const std::string& key, const std::vector<std::string>& values
    );

    /// A bake after that one in a list, newest first.
    void older_than(const std::string& bake);

    /// " WHERE a AND b", or "" when nothing is set.
    [[nodiscard]] std::string where() const;
    void bind_to(Statement& statement) const;

  private:
    [[nodiscard]] std::string parameter(std::string value);
    [[nodiscard]] std::string alternatives(
        std::string_view column, const std::vector<std::string>& patterns
    );

    std::vector<std::string> terms_;
    std::vector<std::string> values_;
};

/// EC2's pattern as LIKE wants it, with `\` as its escape character.
[[nodiscard]] std::string like_pattern(std::string_view wildcard);

}  // namespace kiln::sqlite
