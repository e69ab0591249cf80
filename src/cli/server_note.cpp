#include "cli/server_note.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace kiln::cli {

namespace {

constexpr std::size_t kFileLimit = 4096;
constexpr std::chrono::milliseconds kLookersPass{300};
constexpr std::int64_t kMostPids = std::int64_t{1} << 22;  ///< PID_MAX_LIMIT, proc(5)

std::filesystem::path lock_file(const std::filesystem::path& home) {
    return home / "run" / "server.lock";
}

std::filesystem::path note_file(const std::filesystem::path& home) {
    return home / "run" / "server.json";
}

std::optional<ServerNote> read_note(const std::filesystem::path& home) {
    std::string text;
    try {
        text = os::read_file(note_file(home), kFileLimit);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
    try {
        const auto document = parse_json(text);
        std::vector<Problem> problems;
        using enum ObjectReader::Need;
        ObjectReader reader{document, "", problems};
        ServerNote note;
        note.url = reader.string("url", required).value_or("");
        note.pid = static_cast<int>(reader.integer("pid", 1, kMostPids, required).value_or(0));
        const auto started = reader.string("started", required);
        reader.finish();
        if (!problems.empty()) {
            throw Error{"bad note", problems};
        }
        note.started = parse_time(*started);
        return note;
    } catch (const Error& error) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("'{}' is damaged: {}", note_file(home).native(), error.message())}
            .hint("start kiln serve again, or name the server with --server");
    }
}

}  // namespace

ServerSeat::ServerSeat(const std::filesystem::path& home) : home_{home} {
    std::filesystem::create_directories(home / "run");
    // Whoever just looks for a server holds the lock for a moment, shared.
    const auto deadline = Deadline::after(kLookersPass);
    unsigned attempt = 0;
    do {
        lock_ = os::FileLock::try_acquire(lock_file(home));
    } while (!lock_ && os::pause_before_retry(attempt++, deadline));
    if (!lock_) {
        const auto note = read_note(home);
        throw Error{
            ErrorKind::conflict,
            note ? fmt::format(
                       "a server of '{}' runs already: process {} at {}",
                       home.native(),
                       note->pid,
                       note->url
                   )
                 : fmt::format("a server of '{}' is just starting", home.native())}
            .hint("stop it first, or give this one a home of its own with --home");
    }
    std::filesystem::remove(note_file(home));  // of a server that was killed
}

ServerSeat::~ServerSeat() {
    std::error_code error;
    std::filesystem::remove(note_file(home_), error);
    if (error) {
        log_warning("server note not removed; it is passed over", {{"error", error.message()}});
    }
}

void ServerSeat::announce(const ServerNote& note) {
    const json::object document{
        {"url", note.url}, {"pid", note.pid}, {"started", format_time(note.started)}};
    os::write_file_durably(note_file(home_), pretty_json(document));
}

std::optional<ServerNote> find_server(const std::filesystem::path& home) {
    if (!std::filesystem::exists(lock_file(home)) ||
        os::FileLock::try_acquire(lock_file(home), os::FileLock::Mode::shared)) {
        return std::nullopt;
    }
    return read_note(home);
}

}  // namespace kiln::cli
