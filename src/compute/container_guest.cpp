#include "compute/container_guest.hpp"

#include "base/backoff.hpp"
#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "compute/init_program.hpp"
#include "compute/user_data.hpp"
#include "net/client.hpp"
#include "os/interrupt.hpp"
#include "os/pidfd.hpp"

#include <csignal>

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace kiln::compute {

namespace {

constexpr int kRebootCode = 3;  ///< of kiln-init
constexpr std::chrono::seconds kEndPatience{10};
constexpr std::chrono::minutes kFetchPatience{5};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::seconds kLongestPause{5};
constexpr Bytes kMostScript{1'000'000};

/// Retries what may pass until the deadline; a URL may point at a server that is just starting.
std::string fetch(const std::string& url, const std::stop_token& stop) {
    net::HttpClient client{{.plain = net::PlainHttp::anywhere, .max_body = kMostScript}};
    const auto deadline = Deadline::after(kFetchPatience);
    const os::StopFd stopped{stop};
    for (unsigned attempt = 0;; ++attempt) {
        try {
            net::ClientRequest request;
            request.url = url;
            request.deadline = Deadline::earlier(deadline, Deadline::after(kEndPatience));
            auto response = client.send(request, stop);
            if (response.status == 200) {
                return std::move(response.body);
            }
            if (response.status < 500 && response.status != 429) {
                throw Error{
                    ErrorKind::invalid, fmt::format("the server answered {}", response.status)};
            }
        } catch (const Error& error) {
            if (!retryable(error.kind())) {
                throw;
            }
        }
        const auto pause = backoff(attempt, kFirstPause, kLongestPause, random_jitter());
        const auto until = Deadline::earlier(deadline, Deadline::after(pause));
        if (os::wait_ready(-1, 0, &stopped, until) == os::Ready::stopped) {
            throw Error{ErrorKind::cancelled, "the instance ended before it could be fetched"};
        }
        if (deadline.passed()) {
            throw Error{ErrorKind::timed_out, "no answer in 5 minutes"};
        }
    }
}

}  // namespace

GuestEnd end_of_init(int how, int status, bool out_of_memory) {
    using What = GuestEnd::What;
    if (how == CLD_EXITED && status == 0) {
        return {What::powered_off, ""};
    }
    if (how == CLD_EXITED && status == kRebootCode) {
        return {What::rebooted, ""};
    }
    // reboot(2) in a PID namespace ends its first process by one of these.
    if (how != CLD_EXITED && status == SIGINT) {
        return {What::powered_off, ""};
    }
    if (how != CLD_EXITED && status == SIGHUP) {
        return {What::rebooted, ""};
    }
    if (out_of_memory) {
        return {What::failed, "it ran out of memory"};
    }
    return {
        What::failed,
        how == CLD_EXITED ? fmt::format("its init ended with exit code {}", status)
                          : fmt::format("its init was killed by signal {}", status)};
}

ContainerGuest::ContainerGuest(ContainerParts parts, const GuestPlan& plan)
    : parts_{std::move(parts)}, control_{std::move(parts_.control)} {
    if (plan.deadline) {
        tell('d', std::to_string(plan.deadline->time_since_epoch().count()));
    }
    if (!plan.ssh_key.empty()) {
        tell('k', plan.ssh_key);
    }
    user_data_waits_ = plan.first_boot;
    if (plan.first_boot && !fault_wanted("silent", "boot")) {
        deliver_user_data(plan);
    }
}

void ContainerGuest::deliver_user_data(const GuestPlan& plan) {
    const auto wanted = read_user_data(plan.user_data);
    user_data_waits_ = std::holds_alternative<Include>(wanted);
    if (const auto* script = std::get_if<Script>(&wanted)) {
        run_user_data(script->text);
    } else if (const auto* strange = std::get_if<NotUnderstood>(&wanted)) {
        say_not_run(plan.id, strange->why);
    } else if (const auto* include = std::get_if<Include>(&wanted)) {
        fetching_ =
            std::jthread{[this, url = include->url, id = plan.id](const std::stop_token& stop) {
                try {
                    std::string text;
                    parts_.network.inside([&] { text = fetch(url, stop); });
                    if (!text.starts_with("#!")) {
                        throw Error{ErrorKind::invalid, "what is there does not begin with '#!'"};
                    }
                    run_user_data(text);
                } catch (const std::exception& error) {
                    say_not_run(id, error.what());
                }
            }};
    }
}

void ContainerGuest::run_user_data(std::string_view script) noexcept {
    tell('u', script);
    user_data_waits_ = false;
}

void ContainerGuest::say_not_run(const InstanceId& id, std::string_view why) noexcept {
    log_warning("user data is not run", {{"instance", id.str()}, {"why", std::string{why}}});
    tell('m', fmt::format("user data is not run: {}\n", why));
}

ContainerGuest::~ContainerGuest() {
    if (!parts_.pidfd) {
        return;
    }
    try {
        kill();
        const auto deadline = Deadline::after(kEndPatience);
        (void)os::wait_ready(parts_.pidfd.get(), POLLIN, nullptr, deadline);
        siginfo_t end{};
        (void)::waitid(P_PIDFD, static_cast<id_t>(parts_.pidfd.get()), &end, WEXITED | WNOHANG);
        take_down();
    } catch (const std::exception& error) {
        log_warning("container.left_behind", {{"error", error.what()}});
    }
}

void ContainerGuest::tell(char letter, std::string_view bytes) noexcept {
    const auto frame = init_frame(letter, bytes);
    std::string_view rest = frame;
    auto control = control_.lock();
    while (!rest.empty()) {
        const auto sent = ::send(control->get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;  // it has ended
        }
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::optional<GuestEnd> ContainerGuest::ended() {
    siginfo_t end{};
    if (::waitid(P_PIDFD, static_cast<id_t>(parts_.pidfd.get()), &end, WEXITED | WNOHANG) != 0) {
        throw_errno("wait for a container's init");
    }
    if (end.si_pid == 0) {
        return std::nullopt;
    }
    parts_.pidfd = {};
    auto told = end_of_init(end.si_code, end.si_status, parts_.cgroup.usage().memory_kills > 0);
    told.user_data_waits = user_data_waits_;
    try {
        take_down();
    } catch (const Error& error) {
        return GuestEnd{GuestEnd::What::failed, error.message()};
    }
    return told;
}

void ContainerGuest::take_down() {
    if (fetching_.joinable()) {
        fetching_.request_stop();
        fetching_.join();
    }
    parts_.metadata.reset();
    parts_.cgroup.kill(Deadline::after(kEndPatience));
    parts_.cgroup.remove();
    parts_.network.close();
    if (parts_.root) {
        parts_.root->unmount();
        parts_.root.reset();
    }
    if (parts_.volume) {
        parts_.volume->detach();
        parts_.volume.reset();
    }
}

void ContainerGuest::ask_to_stop() noexcept {
    (void)os::pidfd_signal(parts_.pidfd.get(), SIGTERM);
}

void ContainerGuest::ask_to_reboot() noexcept {
    tell('r', "");
}

void ContainerGuest::kill() noexcept {
    (void)os::pidfd_signal(parts_.pidfd.get(), SIGKILL);
}

}  // namespace kiln::compute
