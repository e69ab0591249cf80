#include "compute/console_pump.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <array>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace kiln::compute {

namespace {

constexpr std::size_t kPipeRead = 64U << 10;

}  // namespace

ConsolePump::ConsolePump(const std::filesystem::path& folder) : log_{folder} {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno("make a pipe");
    }
    reader_ = os::Fd{ends[0]};
    writer_ = os::Fd{ends[1]};
    thread_ = std::jthread{[this](const std::stop_token& stop) { pump(stop); }};
}

bool ConsolePump::take_some() {
    std::array<char, kPipeRead> bytes;
    const auto got = ::read(reader_.get(), bytes.data(), bytes.size());
    if (got <= 0) {
        return false;
    }
    log_.append({bytes.data(), static_cast<std::size_t>(got)});
    return true;
}

void ConsolePump::pump(const std::stop_token& stop) noexcept {
    const os::StopFd stopped{stop};
    const auto readable = [&](const os::StopFd* until, Deadline deadline) {
        return os::wait_ready(reader_.get(), POLLIN, until, deadline) == os::Ready::yes;
    };
    try {
        while (readable(&stopped, Deadline::never())) {
            if (!take_some()) {
                return;
            }
        }
        // What was written before the end is there already.
        while (readable(nullptr, Deadline::after({})) && take_some()) {
        }
    } catch (const std::exception& error) {
        log_warning("the console is lost", {{"error", error.what()}});
    }
}

}  // namespace kiln::compute
