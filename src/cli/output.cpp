#include "cli/output.hpp"

#include <cerrno>

#include <unistd.h>

namespace kiln::cli {

namespace {

/// @returns false when nobody reads any more
bool write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EPIPE) {
            return false;
        }
        if (written < 0 && errno != EINTR) {
            throw_errno(fd == STDOUT_FILENO ? "write the answer to stdout" : "write to stderr");
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

}  // namespace

Output Output::standard() {
    return {
        [](std::string_view text) { (void)write_whole(STDOUT_FILENO, text); },
        [](std::string_view text) {
            try {
                (void)write_whole(STDERR_FILENO, text);
            } catch (const Error&) {
                // Nobody to tell: a remark that cannot be shown does not fail the work.
            }
        },
        detect_terminal(STDOUT_FILENO),
        detect_terminal(STDERR_FILENO)};
}

std::string error_text(const Error& error, const Terminal& terminal) {
    std::string text = toned("kiln: ", Tone::bad, terminal) + error.message() + "\n";
    if (!error.hint().empty()) {
        text += "hint: " + error.hint() + "\n";
    }
    return text;
}

json::object error_document(const Error& error) {
    json::object body{
        {"kind", to_string(error.kind())},
        {"message", error.message()},
        {"where", nullptr},
    };
    if (!error.problems().empty()) {
        body["where"] = error.problems().front().where;
        json::array problems;
        for (const auto& problem : error.problems()) {
            problems.push_back({{"where", problem.where}, {"what", problem.what}});
        }
        body["problems"] = std::move(problems);
    }
    if (!error.hint().empty()) {
        body["hint"] = error.hint();
    }
    if (error.retry_after()) {
        body["retry_after_s"] = error.retry_after()->count();
    }
    return {{"error", std::move(body)}};
}

}  // namespace kiln::cli
