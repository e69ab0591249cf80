#include "base/error.hpp"
#include "os/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr std::size_t kLongestOut = 16U << 20;
constexpr std::size_t kLongestErr = 1U << 20;
constexpr std::size_t kPipeCapacity = 65536;  // pipe(7)

/// The program's own name, without its arguments: those may be secret.
std::string name_of(const Command& command) {
    return command.argv.empty() ? "" : std::filesystem::path{command.argv[0]}.filename().native();
}

struct Pipe {
    Fd read;  ///< does not block
    Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno("make a pipe");
    }
    Pipe pipe{.read = Fd{ends[0]}, .write = Fd{ends[1]}};
    if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0) {
        throw_errno("make a pipe");
    }
    return pipe;
}

/// A file in memory: no pipe that the program may leave unread.
Fd memory_file(std::string_view bytes) {
    Fd file{::memfd_create("kiln-input", MFD_CLOEXEC)};
    if (!file) {
        throw_errno("make a file in memory");
    }
    write_all(file, bytes);
    if (::lseek(file.get(), 0, SEEK_SET) != 0) {
        throw_errno("rewind a file in memory");
    }
    return file;
}

/// Appends what can be read now; closes at the end of the stream.
void drain(Fd& fd, std::string& text) {
    std::array<char, kPipeCapacity> part;
    while (fd) {
        const auto got = ::read(fd.get(), part.data(), part.size());
        if (got > 0) {
            text.append(part.data(), static_cast<std::size_t>(got));
            return;
        }
        if (got == 0) {
            fd = Fd{};
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            throw_errno("read a program's output");
        }
    }
}

/// One run of a program, its output gathered by poll(2).
class Run {
  public:
    Run(Command command, std::string_view input, const std::stop_token& stop)
        : name_{name_of(command)}, stop_{stop} {
        auto out = make_pipe();
        auto err = make_pipe();
        Fd in;
        if (!input.empty()) {
            in = memory_file(input);
            command.fds.push_back({.from = in.get(), .to = STDIN_FILENO});
        }
        command.fds.push_back({.from = out.write.get(), .to = STDOUT_FILENO});
        command.fds.push_back({.from = err.write.get(), .to = STDERR_FILENO});
        child_ = Child::spawn(command);
        out_ = std::move(out.read);
        err_ = std::move(err.read);
    }

    Captured finish(Deadline deadline) {
        // One reading after its end takes all it wrote: drain() asks for a full pipe.
        // Whoever else holds the pipes is not waited for.
        while (!ended_) {
            wait_for_something(deadline);
            gather();
        }
        captured_.status = *child_.wait(Deadline::never());
        return std::move(captured_);
    }

  private:
    void wait_for_something(Deadline deadline) {
        std::array<pollfd, 4> waited{
            {{.fd = child_.pidfd(), .events = POLLIN, .revents = 0},
             {.fd = stop_.fd(), .events = POLLIN, .revents = 0},
             {.fd = out_ ? out_.get() : -1, .events = POLLIN, .revents = 0},
             {.fd = err_ ? err_.get() : -1, .events = POLLIN, .revents = 0}}};
        const int count = ::poll(waited.data(), waited.size(), deadline.poll_timeout());
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            throw_errno("wait for a program");
        }
        if (stop_.stopped()) {
            throw Error{ErrorKind::cancelled, fmt::format("run '{}': stopped on request", name_)};
        }
        if (count <= 0 && deadline.passed()) {
            throw Error{
                ErrorKind::timed_out, fmt::format("run '{}': not done within its time", name_)};
        }
        ended_ = count > 0 && waited[0].revents != 0;
    }

    void gather() {
        drain(out_, captured_.out);
        if (captured_.out.size() > kLongestOut) {
            throw Error{
                ErrorKind::internal,
                fmt::format("run '{}': it printed more than {} bytes", name_, kLongestOut)};
        }
        drain(err_, captured_.err);
        if (captured_.err.size() > 2 * kLongestErr) {
            captured_.err.erase(0, captured_.err.size() - kLongestErr);
        }
    }

    std::string name_;
    StopFd stop_;
    Fd out_, err_;
    Child child_;
    Captured captured_;
    bool ended_ = false;
};

/// The last lines of what a program said.
std::string_view last_lines(std::string_view text) {
    constexpr int kLines = 5;
    constexpr std::size_t kBytes = 2000;
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    auto from = text.size();
    for (int line = 0; line < kLines && from != std::string_view::npos && from > 0; ++line) {
        from = text.rfind('\n', from - 1);
    }
    if (from != std::string_view::npos && from < text.size()) {
        text.remove_prefix(text[from] == '\n' ? from + 1 : from);
    }
    return text.size() > kBytes ? text.substr(text.size() - kBytes) : text;
}

}  // namespace

Captured run_captured(
    Command command, Deadline deadline, const std::stop_token& stop, std::string_view input
) {
    const auto is_locale = [](const auto& variable) { return variable.first == "LC_ALL"; };
    const auto& set = command.environment;
    if (std::none_of(set.begin(), set.end(), is_locale)) {
        command.environment.emplace_back("LC_ALL", "C.UTF-8");
    }
    auto captured = Run{std::move(command), input, stop}.finish(deadline);
    if (captured.err.size() > kLongestErr) {
        captured.err.erase(0, captured.err.size() - kLongestErr);
    }
    return captured;
}

std::string run_checked(
    Command command, Deadline deadline, const std::stop_token& stop, std::string_view input
) {
    const auto name = name_of(command);
    auto captured = run_captured(std::move(command), deadline, stop, input);
    if (captured.status.ok()) {
        return std::move(captured.out);
    }
    const bool full = captured.err.find(std::strerror(ENOSPC)) != std::string::npos;
    const auto said = last_lines(captured.err.empty() ? captured.out : captured.err);
    throw Error{
        full ? ErrorKind::exhausted : ErrorKind::internal,
        fmt::format(
            "run '{}': {}{}{}", name, captured.status.describe(), said.empty() ? "" : ": ", said
        )};
}

}  // namespace kiln::os
