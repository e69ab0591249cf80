// What a hostile bootstrap would try, one attempt a run: `hostile ATTEMPT [ARGUMENT…]`.
// Prints `ATTEMPT: RESULT`, where RESULT is the reason of the refusal, or "done" when it worked.
// Linked statically, so that it runs in a root that has no libraries.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Words = std::vector<std::string>;

/// A call's answer in words.
std::string said(long result) {
    return result < 0 ? std::strerror(errno) : "done";
}

/// Reads a little, or opens for writing and leaves it at that: a jail that fails must not harm its
/// host.
std::string open_file(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0 || (flags & O_ACCMODE) != O_RDONLY) {
        return said(fd);
    }
    std::array<char, 64> bytes{};
    return said(::read(fd, bytes.data(), bytes.size()));
}

/// The old trick: a root below an open folder does not hold it.
std::string leave_chroot(const Words& words) {
    ::mkdir("/tmp/hole", 0700);
    const int top = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0 || ::chroot("/tmp/hole") != 0 || ::fchdir(top) != 0) {
        return "the trick did not begin: " + said(-1);
    }
    for (int i = 0; i < 64; ++i) {
        if (::chdir("..") != 0) {
            return said(-1);
        }
    }
    if (::chroot(".") != 0) {
        return said(-1);
    }
    return open_file(words.at(0), O_RDONLY);
}

std::string join_namespace(const Words& words) {
    const int fd = ::open(words.at(0).c_str(), O_RDONLY | O_CLOEXEC);
    return fd < 0 ? "cannot open: " + said(-1) : said(::setns(fd, 0));
}

std::string clone_with(std::uint64_t flags) {
    const long pid = ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) {
        ::_exit(0);
    }
    return said(pid);
}

std::string clone3_with(std::uint64_t flags) {
    std::array<std::uint64_t, 8> arguments{};
    arguments[0] = flags;
    arguments[4] = SIGCHLD;
    const long pid = ::syscall(SYS_clone3, arguments.data(), sizeof arguments);
    if (pid == 0) {
        ::_exit(0);
    }
    return said(pid);
}

/// Away from its parent, session and group, holding the output open.
std::string be_daemon() {
    if (::fork() != 0) {
        int status = 0;
        ::wait(&status);
        return "done";
    }
    ::setsid();
    if (::fork() != 0) {
        ::_exit(0);
    }
    for (int number = 1; number < NSIG; ++number) {
        (void)std::signal(number, SIG_IGN);
    }
    std::puts("the daemon is up");
    std::fflush(stdout);
    while (true) {
        ::pause();
    }
}

std::string fork_until_refused() {
    for (int count = 0;; ++count) {
        const int pid = ::fork();
        if (pid < 0) {
            std::printf("forked %d\n", count);
            return said(pid);
        }
        if (pid == 0) {
            while (true) {
                ::pause();
            }
        }
    }
}

std::string eat_memory() {
    std::puts("eating");
    std::fflush(stdout);
    constexpr std::size_t kBite = 16U << 20;
    while (true) {
        void* bite =
            ::mmap(nullptr, kBite, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (bite == MAP_FAILED) {
            return said(-1);
        }
        std::memset(bite, 1, kBite);
    }
}

std::string trace_child() {
    const int pid = ::fork();
    if (pid == 0) {
        ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "done" : "refused";
}

std::string connect_tcp(const Words& words) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(words.at(0))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return said(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

std::string use_own_loopback() {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(server, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(server, 1) != 0 ||
        ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return said(-1);
    }
    return connect_tcp({std::to_string(ntohs(address.sin_port))});
}

std::string connect_abstract(const Words& words) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, words.at(0).data(), words.at(0).size());
    const auto size = offsetof(sockaddr_un, sun_path) + 1 + words.at(0).size();
    return said(
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size))
    );
}

std::string read_host_memory(const Words& words) {
    std::array<char, 8> bytes{};
    const iovec local{bytes.data(), bytes.size()};
    const iovec remote{bytes.data(), bytes.size()};
    return said(::process_vm_readv(std::stoi(words.at(0)), &local, 1, &remote, 1, 0));
}

std::string print_long_line(const Words& words) {
    const std::string line(std::stoul(words.at(0)), 'x');
    (void)std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    return "done";
}

std::string print_every_byte() {
    for (int byte = 0; byte < 256; ++byte) {
        std::fputc(byte, stdout);
    }
    std::fputc('\n', stdout);
    return "done";
}

std::string run_as_user(const Words& words) {
    if (::setgid(1000) != 0 || ::setuid(1000) != 0) {
        return said(-1);
    }
    std::vector<char*> arguments;
    for (const auto& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    return said(::execvp(arguments.front(), arguments.data()));
}

long number(const std::string& word) {
    return std::stol(word, nullptr, 0);
}

const std::map<std::string, std::function<std::string(const Words&)>> kAttempts{
    {"read", [](const Words& w) { return open_file(w.at(0), O_RDONLY); }},
    {"write", [](const Words& w) { return open_file(w.at(0), O_WRONLY); }},
    {"signal", [](const Words& w) { return said(::kill(std::stoi(w.at(0)), SIGKILL)); }},
    {"mount",
     [](const Words& w) { return said(::mount("none", w.at(0).c_str(), "tmpfs", 0, "")); }},
    {"remount",
     [](const Words& w) {
         return said(::mount(nullptr, w.at(0).c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr));
     }},
    {"umount", [](const Words& w) { return said(::umount2(w.at(0).c_str(), MNT_DETACH)); }},
    {"fsopen", [](const Words&) { return said(::syscall(SYS_fsopen, "tmpfs", 0)); }},
    {"open_tree", [](const Words&) { return said(::syscall(SYS_open_tree, AT_FDCWD, "/", 1)); }},
    {"pivot_root", [](const Words&) { return said(::syscall(SYS_pivot_root, "/", "/tmp")); }},
    {"load_module", [](const Words&) { return said(::syscall(SYS_init_module, "", 0, "")); }},
    {"make_disk",
     [](const Words& w) {
         return said(::mknod(
             "/tmp/disk",
             S_IFBLK | 0600,
             makedev(static_cast<unsigned>(number(w.at(0))), static_cast<unsigned>(number(w.at(1))))
         ));
     }},
    {"leave_chroot", leave_chroot},
    {"join_namespace", join_namespace},
    {"unshare", [](const Words& w) { return said(::unshare(static_cast<int>(number(w.at(0))))); }},
    {"clone",
     [](const Words& w) { return clone_with(static_cast<std::uint64_t>(number(w.at(0)))); }},
    {"clone3",
     [](const Words& w) { return clone3_with(static_cast<std::uint64_t>(number(w.at(0)))); }},
    {"daemon", [](const Words&) { return be_daemon(); }},
    {"fork_bomb", [](const Words&) { return fork_until_refused(); }},
    {"eat_memory", [](const Words&) { return eat_memory(); }},
    {"trace",
     [](const Words& w) {
         return said(::ptrace(PTRACE_ATTACH, std::stoi(w.at(0)), nullptr, nullptr));
     }},
    {"trace_child", [](const Words&) { return trace_child(); }},
    {"read_memory", read_host_memory},
    {"add_key",
     [](const Words&) {
         return said(::syscall(SYS_add_key, "user", "kiln", "x", 1, KEY_SPEC_PROCESS_KEYRING));
     }},
    {"userfaultfd", [](const Words&) { return said(::syscall(SYS_userfaultfd, O_CLOEXEC)); }},
    {"io_uring", [](const Words&) { return said(::syscall(SYS_io_uring_setup, 1, nullptr)); }},
    {"type", [](const Words&) { return said(::ioctl(STDIN_FILENO, TIOCSTI, "x")); }},
    {"set_clock",
     [](const Words&) {
         timespec now{};
         ::clock_gettime(CLOCK_REALTIME, &now);
         return said(::clock_settime(CLOCK_REALTIME, &now));
     }},
    {"connect_tcp", connect_tcp},
    {"connect_abstract", connect_abstract},
    {"own_loopback", [](const Words&) { return use_own_loopback(); }},
    {"long_line", print_long_line},
    {"every_byte", [](const Words&) { return print_every_byte(); }},
    {"stop", [](const Words&) { return said(::raise(SIGSTOP)); }},
    {"as_user", run_as_user},
    {"crash", [](const Words&) { return said(::raise(SIGSEGV)); }},
};

}  // namespace

int main(int count, char** words) {
    const Words all(words + 1, words + count);
    const auto attempt = all.empty() ? kAttempts.end() : kAttempts.find(all.front());
    if (attempt == kAttempts.end()) {
        std::fputs("usage: hostile ATTEMPT [ARGUMENT…]\n", stderr);
        return 2;
    }
    const auto result = attempt->second({all.begin() + 1, all.end()});
    std::printf("%s: %s\n", all.front().c_str(), result.c_str());
    return 0;
}
