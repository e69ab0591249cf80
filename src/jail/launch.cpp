#include "jail/launch.hpp"

#include "base/error.hpp"
#include "jail/memory_file.hpp"
#include "jail/operations.hpp"
#include "jail/seccomp_program.hpp"

#include <array>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::jail {

namespace {

/// The highest number that a command can pass (os::PassedFd).
constexpr int kArgumentsFd = 9;

struct Pipe {
    os::Fd ours;
    os::Fd theirs;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw_errno("make a pipe");
    }
    Pipe pipe{os::Fd{ends[0]}, os::Fd{ends[1]}};
    // Ours alone: a program that finds its stdout non-blocking loses output.
    if (::fcntl(pipe.ours.get(), F_SETFL, O_NONBLOCK) != 0) {
        throw_errno("make a pipe");
    }
    return pipe;
}

JailSupport support_here() {
    JailSupport support;
    for (const auto& path : telling_files()) {
        if (::access(path.c_str(), F_OK) == 0) {
            support.hidden_files.push_back(path);
        }
    }
    return support;
}

/// The options, separated by NUL, as `--args` reads them: the environment in them stays out of the
/// process list, and out of bubblewrap's own environment, where LD_PRELOAD would act on the host.
std::string packed_options(const std::vector<std::string>& arguments, std::size_t command_size) {
    std::string packed;
    for (std::size_t i = 1; i + 1 + command_size < arguments.size(); ++i) {
        packed += arguments[i];
        packed += '\0';
    }
    return packed;
}

/// Descriptors that live until the child has been started, and the number each has there.
class Passed {
  public:
    void add(os::Fd fd, int to) {
        numbers_.push_back({fd.get(), to});
        held_.push_back(std::move(fd));
    }

    void add_borrowed(int fd, int to) { numbers_.push_back({fd, to}); }

    [[nodiscard]] const std::vector<os::PassedFd>& numbers() const noexcept { return numbers_; }

  private:
    std::vector<os::Fd> held_;
    std::vector<os::PassedFd> numbers_;
};

void pass_terminal(Passed& passed) {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        passed.add_borrowed(fd, fd);
    }
}

void pass_support(Passed& passed, const JailPlan& plan, const JailSupport& support) {
    passed.add(memory_file("kiln-seccomp", seccomp_program()), support.seccomp_fd);
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
        passed.add(
            memory_file("kiln-file", plan.files[i].bytes),
            support.first_file_fd + static_cast<int>(i)
        );
    }
}

}  // namespace

Launched launch(const JailPlan& plan, const os::Cgroup& cgroup) {
    const auto support = support_here();
    const auto arguments = jail_arguments(plan, support);
    Launched launched;
    Passed passed;
    pass_support(passed, plan, support);
    passed.add(
        memory_file("kiln-jail", packed_options(arguments, plan.command.size())), kArgumentsFd
    );
    if (plan.terminal) {
        pass_terminal(passed);
    } else {
        auto out = make_pipe();
        auto err = make_pipe();
        launched.out = std::move(out.ours);
        launched.err = std::move(err.ours);
        passed.add(std::move(out.theirs), STDOUT_FILENO);
        passed.add(std::move(err.theirs), STDERR_FILENO);
    }
    auto status = make_pipe();
    launched.status = std::move(status.ours);
    passed.add(std::move(status.theirs), support.status_fd);

    os::Command command;
    command.argv = {"bwrap", "--args", std::to_string(kArgumentsFd), "--"};
    command.argv.insert(command.argv.end(), plan.command.begin(), plan.command.end());
    command.fds = passed.numbers();
    // The jail can read what its process 1, which is bubblewrap, was started with.
    command.clear_environment = true;
    command.directory = "/";
    command.cgroup_procs = cgroup.procs();
    command.cgroup_folder = cgroup.folder();
    // A shell's terminal belongs to our process group.
    command.new_process_group = !plan.terminal;
    launched.child = os::Child::spawn(command);
    return launched;
}

}  // namespace kiln::jail
