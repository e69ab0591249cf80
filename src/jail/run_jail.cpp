#include "base/error.hpp"
#include "jail/conclude.hpp"
#include "jail/idle_watch.hpp"
#include "jail/jail.hpp"
#include "jail/launch.hpp"
#include "jail/mount_points.hpp"
#include "jail/output_pipe.hpp"
#include "jail/process_report.hpp"
#include "jail/terminal_group.hpp"
#include "os/interrupt.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace kiln::jail {

namespace {

/// How long killed processes may take to end: one may wait for a slow disk.
constexpr std::chrono::seconds kKillTime{30};
constexpr std::size_t kLongestStatus = 4096;

os::CgroupUsage since(const os::CgroupUsage& before, os::CgroupUsage now) {
    now.cpu -= before.cpu;
    now.read = now.read - before.read;
    now.written = now.written - before.written;
    now.memory_kills -= before.memory_kills;
    return now;
}

class JailRun {
  public:
    JailRun(
        const JailPlan& plan,
        const Limits& limits,
        const os::Cgroup& cgroup,
        const LineSink& sink,
        const std::stop_token& stop,
        Deadline deadline
    )
        : plan_{plan},
          limits_{limits},
          cgroup_{cgroup},
          stop_{stop},
          deadline_{deadline},
          sink_{[this, &sink](Stream stream, const os::Line& line) {
              last_stream_ = stream;
              sink(stream, line);
          }},
          before_{cgroup.usage()},
          launched_{launch(plan, cgroup)},
          time_limit_{limits.time ? Deadline::after(*limits.time) : Deadline::never()},
          out_{std::move(launched_.out), Stream::out, sink_},
          err_{std::move(launched_.err), Stream::err, sink_},
          watch_{limits.idle, activity()},
          next_look_{next_look()} {}

    JailRun(JailRun&&) = delete;

    /// Whatever throws, the sink included, leaves no process behind.
    ~JailRun() {
        try {
            if (launched_.child.running()) {
                end_all();
            }
        } catch (const std::exception&) {
            // The child's destructor tries again and warns.
        }
    }

    Outcome to_end() {
        Ending ending;
        ending.why = wait_for_end();
        if (ending.why == Ended::idle) {
            ending.last_words = describe_hang();
        }
        ending.bwrap = end_all();
        out_.finish();
        err_.finish();
        read_status();
        ending.status = parse_bwrap_status(status_text_);
        ending.usage = since(before_, cgroup_.usage());
        ending.last_error = err_.last_line();
        return conclude(plan_, limits_, ending);
    }

  private:
    Ended wait_for_end();
    [[nodiscard]] std::optional<Ended> reason_to_end();
    os::ExitStatus end_all();
    void read_status();
    [[nodiscard]] std::string describe_hang();

    [[nodiscard]] Activity activity() const {
        const auto usage = cgroup_.usage();
        return {
            std::chrono::steady_clock::now(),
            out_.bytes() + err_.bytes(),
            usage.cpu,
            usage.read + usage.written};
    }

    [[nodiscard]] Deadline next_look() const {
        return plan_.terminal ? Deadline::never() : Deadline::after(watch_.interval());
    }

    const JailPlan& plan_;
    const Limits& limits_;
    const os::Cgroup& cgroup_;
    os::StopFd stop_;
    Deadline deadline_;
    Stream last_stream_ = Stream::out;
    LineSink sink_;
    os::CgroupUsage before_;
    Launched launched_;
    Deadline time_limit_;
    OutputPipe out_;
    OutputPipe err_;
    IdleWatch watch_;
    Deadline next_look_;
    std::string status_text_;
};

std::optional<Ended> JailRun::reason_to_end() {
    if (stop_.stopped()) {
        return Ended::stop;
    }
    if (time_limit_.passed()) {
        return Ended::time_limit;
    }
    if (deadline_.passed()) {
        return Ended::deadline;
    }
    if (next_look_.passed()) {
        if (watch_.observe(activity()) == IdleWatch::Verdict::hung) {
            return Ended::idle;
        }
        next_look_ = next_look();
    }
    return std::nullopt;
}

Ended JailRun::wait_for_end() {
    while (true) {
        std::array<pollfd, 5> waits{{
            {launched_.child.pidfd(), POLLIN, 0},
            {out_.fd(), POLLIN, 0},
            {err_.fd(), POLLIN, 0},
            {launched_.status.get(), POLLIN, 0},
            {stop_.fd(), POLLIN, 0},
        }};
        const auto until =
            Deadline::earlier(Deadline::earlier(deadline_, time_limit_), next_look_).poll_timeout();
        if (::poll(waits.data(), waits.size(), until) < 0 && errno != EINTR) {
            throw_errno("wait for the jail");
        }
        if (waits[0].revents != 0) {  // first: one that ended in time has not timed out
            return Ended::by_itself;
        }
        if (waits[1].revents != 0) {
            out_.read_some();
        }
        if (waits[2].revents != 0) {
            err_.read_some();
        }
        if (waits[3].revents != 0) {
            read_status();
        }
        if (const auto reason = reason_to_end()) {
            return *reason;
        }
    }
}

void JailRun::read_status() {
    std::array<char, kLongestStatus> buffer;
    while (launched_.status) {
        const auto size = ::read(launched_.status.get(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0 && errno == EAGAIN) {
            return;
        }
        if (size <= 0) {
            launched_.status = os::Fd{};
            return;
        }
        status_text_.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

/// bubblewrap ends with the command; its process 1, and with it the namespace, dies a moment later.
/// The group is empty when the last one is really gone, so that the volume can be unmounted.
os::ExitStatus JailRun::end_all() {
    const auto patience = Deadline::after(kKillTime);
    auto& child = launched_.child;
    auto status = child.wait(Deadline::after(std::chrono::nanoseconds{0}));
    cgroup_.kill(patience);
    if (!status) {
        child.signal(SIGKILL);  // for a group that counts nothing, and so kills nothing
        status = child.wait(patience);
    }
    if (!status) {
        throw Error{ErrorKind::timed_out, "the jail does not end: bwrap waits in the kernel"};
    }
    return *status;
}

std::string JailRun::describe_hang() {
    read_status();
    const auto members = cgroup_.members();
    const std::array ours{launched_.child.pid(), parse_bwrap_status(status_text_).first_process};
    return last_words(
        watch_.silent(),
        last_stream_ == Stream::out ? out_.last_line() : err_.last_line(),
        look_at(members, ours)
    );
}

}  // namespace

Outcome run_jail(
    const JailPlan& plan,
    const Limits& limits,
    const os::Cgroup& cgroup,
    const LineSink& sink,
    const std::stop_token& stop,
    Deadline deadline
) {
    os::throw_if_stopped(stop, "run a command in the jail");
    const MountPoints mount_points{plan};
    const TerminalGroup terminal{
        plan.terminal ? TerminalGroup::Keep::yes : TerminalGroup::Keep::no};
    return JailRun{plan, limits, cgroup, sink, stop, deadline}.to_end();
}

}  // namespace kiln::jail
