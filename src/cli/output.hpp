#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "cli/terminal.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace kiln::cli {

/// Where the answer and the remarks go. stdout is for the answer alone: with --json exactly one
/// document, an error's included.
class Output {
  public:
    using Sink = std::function<void(std::string_view)>;

    Output(Sink out, Sink err, Terminal out_terminal, Terminal err_terminal)
        : out_{std::move(out)},
          err_{std::move(err)},
          out_terminal_{out_terminal},
          err_terminal_{err_terminal} {}

    /// Of this process. A reader that went away (EPIPE) ends the output quietly.
    /// The sinks throw Error exhausted, internal: what was to be printed could not be written
    static Output standard();

    /// Text of the answer, as it stands.
    void print(std::string_view text) const { out_(text); }

    void line(std::string_view text) const { out_(std::string{text} + "\n"); }

    void document(const json::value& value) const { out_(pretty_json(value)); }

    /// Text for a person, on stderr.
    void remark(std::string_view text) const { err_(text); }

    [[nodiscard]] const Terminal& out_terminal() const noexcept { return out_terminal_; }

    [[nodiscard]] const Terminal& err_terminal() const noexcept { return err_terminal_; }

  private:
    Sink out_;
    Sink err_;
    Terminal out_terminal_;
    Terminal err_terminal_;
};

/// `kiln: message` and `hint: …`, as lines.
[[nodiscard]] std::string error_text(const Error& error, const Terminal& terminal);

/// `{"error": {kind, message, where, problems, hint}}`: what --json prints for a command that
/// failed.
[[nodiscard]] json::object error_document(const Error& error);

}  // namespace kiln::cli
