#pragma once

#include "jsonpath/error.hpp"
#include "jsonpath/world.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace kiln::jsonpath {

struct Program;

/// What a path leads to: nothing, a value inside the document, or a value made from it.
class Match {
  public:
    Match() = default;

    explicit Match(const json::value* found) : value_{found} {}

    explicit Match(json::value made) : value_{std::move(made)} {}

    [[nodiscard]] bool found() const noexcept { return get() != nullptr; }

    /// nullptr: nothing is there. Valid as long as this and the document are.
    [[nodiscard]] const json::value* get() const noexcept {
        const auto* const* inside = std::get_if<const json::value*>(&value_);
        return inside != nullptr ? *inside : std::get_if<json::value>(&value_);
    }

    /// A value of one's own: copied from the document, or moved out. `found()` has to be true.
    [[nodiscard]] json::value take() &&;

  private:
    std::variant<const json::value*, json::value> value_{nullptr};
};

/// A compiled path: immutable, cheap to copy, safe to use from many threads.
///
/// The dialect is Jayway's as AWS uses it: docs/reference/paths.md. A path is definite when it can
/// lead to one value only. One that is not gives an array of all matches, which may be empty.
class Path {
  public:
    /// @throws PathError  syntax: with the position · limit: the text is longer than 64 KiB, has
    ///         more than 256 steps, or filters within filters deeper than 16
    [[nodiscard]] static Path compile(std::string_view text);

    /// As given to `compile`.
    [[nodiscard]] const std::string& text() const noexcept;
    [[nodiscard]] const Root& root() const noexcept;
    [[nodiscard]] bool is_definite() const noexcept;
    /// A definite path of names and indexes only, which can be assigned to (`ResultPath`).
    [[nodiscard]] bool is_reference() const noexcept;
    /// Nothing but its root: `$`, `$$`, `$name`.
    [[nodiscard]] bool is_root() const noexcept;

    /// Where the path leads from `document`, which is the one of `root()`.
    ///
    /// A definite path that leads to nothing gives no match; an indefinite one always gives an
    /// array, also when a name before its first wildcard is missing (as AWS does).
    /// A path of names and indexes neither allocates nor copies.
    /// @throws PathError  limit: over a million values were visited, or the document is nested
    ///         deeper than 1000 levels below a `..`
    [[nodiscard]] Match match(const json::value& document) const;

    /// As `match`, but a definite path has to lead to a value.
    /// @throws PathError  missing: with Jayway's sentence · limit
    [[nodiscard]] Match require(const json::value& document) const;

    /// Looks up the root and then requires.
    /// @throws PathError  as `require`, and unassigned: the resolver has no such document
    [[nodiscard]] Match require(const Resolver& documents) const;

    /// Jayway's sentence about a definite path without a match: "No results for path: $['a']".
    [[nodiscard]] std::string explain(const json::value& document) const;

    /// AWS' sentence about a reference path that ItemsPath cannot follow: "Unable to apply step
    /// "items" to input {…}", with the first step that fails and the whole document.
    [[nodiscard]] std::string unable_to_apply(const json::value& document) const;

    /// The steps, for the functions of this module.
    [[nodiscard]] const Program& program() const noexcept { return *program_; }

  private:
    explicit Path(std::shared_ptr<const Program> program) : program_{std::move(program)} {}

    std::shared_ptr<const Program> program_;
};

/// Sets the value at a reference path (`ResultPath`), whatever its root is; `$` replaces all.
///
/// Objects that are missing on the way are made. An index has to exist. A failure leaves the
/// document as it was.
/// @throws PathError  syntax: no reference path · unfit: a scalar, a null or an array is in the way
///         of a name, or an index does not exist; the message is AWS' whole sentence, "Unable to
///         apply ReferencePath $.a to input 1"
void assign(json::value& document, const Path& path, json::value value);

}  // namespace kiln::jsonpath
