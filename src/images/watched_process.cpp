#include "images/watched_process.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr auto kEndsAfterItsOutput = std::chrono::seconds{10};

struct Pipe {
    os::Fd read;
    os::Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno("make a pipe");
    }
    return {os::Fd{ends[0]}, os::Fd{ends[1]}};
}

/// One read. @returns false at the end of the stream
bool pump(const os::Fd& fd, std::string& block, std::string_view& bytes) {
    for (;;) {
        const auto got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw_errno("read what a program wrote");
        }
        bytes = std::string_view{block}.substr(0, static_cast<std::size_t>(got));
        return got > 0;
    }
}

}  // namespace

Watched watch_process(
    os::Command command,
    const std::function<Go(std::string_view)>& sink,
    Deadline deadline,
    const std::stop_token& stop
) {
    auto pipe = make_pipe();
    command.fds.push_back({pipe.write.get(), 1});
    command.fds.push_back({pipe.write.get(), 2});
    const auto program = command.argv.front();
    const os::StopFd stop_fd{stop};
    auto child = os::Child::spawn(command);
    pipe.write.close();
    std::string block(64U << 10, '\0');
    std::string_view bytes;
    for (;;) {
        switch (os::wait_ready(pipe.read.get(), POLLIN, &stop_fd, deadline)) {
            case os::Ready::stopped:
                throw Error{ErrorKind::cancelled, fmt::format("{} was stopped", program)};
            case os::Ready::timed_out:
                return {Watched::Cause::timed_out, {}};
            case os::Ready::yes:
                break;
        }
        if (!pump(pipe.read, block, bytes)) {
            break;
        }
        if (sink(bytes) == Go::end) {
            return {Watched::Cause::ended_by_sink, {}};
        }
    }
    // Its output is over: it is ending, or it closed its output and hangs.
    const auto status =
        child.wait(Deadline::earlier(deadline, Deadline::after(kEndsAfterItsOutput)));
    if (!status) {
        return {Watched::Cause::timed_out, {}};
    }
    return {Watched::Cause::exited, *status};
}

}  // namespace kiln::images
