#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// What the caller can do about a failure. Closed set: adding one means visiting every switch.
enum class ErrorKind {
    invalid,      ///< the user's input is wrong; never retried
    not_found,    ///< the thing named does not exist
    conflict,     ///< the thing is in a state that forbids this, or someone else was first
    denied,       ///< a credential or capability is missing; never retried
    exhausted,    ///< disk, quota or capacity is used up; retry later
    unavailable,  ///< a part that is needed does not answer; retry
    timed_out,    ///< a deadline passed; retry
    cancelled,    ///< the user or a signal asked to stop; undo quietly
    corrupt,      ///< stored data contradicts itself; keep the evidence
    internal,     ///< the work itself, or kiln, failed
};

/// The kind's name as it stands in JSON: "not_found".
[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

/// The exit code of the command line (rule 7 of the specification).
[[nodiscard]] int exit_code(ErrorKind kind) noexcept;

/// True for the kinds that may succeed when tried again unchanged.
[[nodiscard]] constexpr bool retryable(ErrorKind kind) noexcept {
    return kind == ErrorKind::exhausted || kind == ErrorKind::unavailable ||
           kind == ErrorKind::timed_out;
}

/// One thing that is wrong with an input: where it stands, and what would be right.
struct Problem {
    std::string where;  ///< a path into the input, `bootstrap.commands[2].run`, or a flag, `--name`
    std::string what;   ///< what is wrong and what would be right

    bool operator==(const Problem&) const = default;
};

/// The one exception of this program. What it means for the caller is `kind()`.
class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message);

    /// An `invalid` error that lists every problem, one to a line.
    Error(std::string_view summary, std::vector<Problem> problems);

    /// `doing` is a present phrase with its object: "open '/x'". One table maps errno to a kind.
    static Error from_errno(int err, std::string_view doing);

    /// The same error with what was being done in front: "grow image: open '/x': No space left".
    Error&& while_(std::string_view doing) &&;
    Error while_(std::string_view doing) const&;

    /// A vendor's Retry-After travels with the error.
    Error&& retry_after(std::chrono::seconds delay) &&;

    /// What the user can do now: a command or a setting, printed on a line of its own.
    Error&& hint(std::string text) &&;

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

    [[nodiscard]] const std::string& message() const noexcept { return message_; }

    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

    [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }

    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const noexcept {
        return retry_after_;
    }

  private:
    ErrorKind kind_;
    std::string message_;
    std::string hint_;
    std::vector<Problem> problems_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// Throws `Error::from_errno(errno, doing)`.
[[noreturn]] void throw_errno(std::string_view doing);

/// A broken invariant: prints where and aborts. Not an error: nobody can act on it.
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace kiln

#define KILN_CHECK(expression) \
    (static_cast<bool>(expression) ? void() : ::kiln::check_failed(#expression, __FILE__, __LINE__))
