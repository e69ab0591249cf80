#include "peer_process.hpp"

#include "base/error.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <signal.h>

namespace kiln::aws::testing {

namespace {

constexpr std::chrono::seconds kStart{60};
constexpr std::chrono::milliseconds kLook{20};

std::string content(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

}  // namespace

PeerProcess::PeerProcess(os::Command command, std::filesystem::path log)
    : log_{std::move(log)},
      out_{::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
    command.fds = {{out_.get(), 1}, {out_.get(), 2}};
    child_ = os::Child::spawn(command);
}

PeerProcess::~PeerProcess() {
    child_.signal(SIGTERM);
    (void)child_.wait(Deadline::after(std::chrono::seconds{20}));
}

std::string PeerProcess::wait_for(
    const std::function<std::optional<std::string>(const std::string&)>& found
) {
    for (const auto end = Deadline::after(kStart); !end.passed();) {
        if (auto result = found(content(log_))) {
            return *result;
        }
        if (const auto status = child_.wait(Deadline::after(kLook))) {
            throw Error{ErrorKind::internal, status->describe() + ": " + content(log_)};
        }
    }
    throw Error{ErrorKind::timed_out, "the server does not start: " + content(log_)};
}

std::string variable_of_process(const char* name) {
    const auto* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace kiln::aws::testing
