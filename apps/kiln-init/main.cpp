/// The first process of a container: it reaps, runs what the keeper says, and ends all of it in
/// order. Static and small: the image's own files may be anything. It uses no more of C++ than the
/// language, and neither allocates much nor throws.
///
/// Descriptor 3 is a socket to the keeper. The keeper sends frames: a letter, four bytes of length
/// (little endian), that many bytes:
///   'd' deadline, microseconds since 1970, as text   'k' ssh key   'u' a script to run once
///   'r' reboot: an orderly end with the exit code 3   'm' a message for the console
/// Init sends one letter at a time: 'b' it runs, 's' the script runs, 'e' the script has ended.
/// When the keeper is gone the container ends.
///
/// Exit codes: 0 powered off, 3 wants to be started again, 1 it could not run.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kKeeper = 3;
constexpr int kPowerOff = 0;
constexpr int kReboot = 3;
constexpr int kGraceSeconds = 5;
constexpr std::size_t kMostFrame = 1U << 20;
constexpr const char* kScript = "/run/kiln/user-data";
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Everything that the loop looks at.
struct Init {
    int signals = -1;
    int deadline = -1;
    int grace = -1;
    bool ending = false;
    int code = kPowerOff;
    pid_t script = -1;
    char* buffer = nullptr;  ///< what came of a frame so far
    std::size_t filled = 0;
};

void say(const char* text) {
    (void)!::write(STDERR_FILENO, text, std::strlen(text));
}

void tell(char letter) {
    (void)!::write(kKeeper, &letter, 1);
}

bool write_file(const char* path, const char* bytes, std::size_t size, mode_t mode) {
    const int fd = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return false;
    }
    std::size_t done = 0;
    while (done < size) {
        const auto written = ::write(fd, bytes + done, size - done);
        if (written <= 0) {
            break;
        }
        done += static_cast<std::size_t>(written);
    }
    (void)::fchmod(fd, mode);
    ::close(fd);
    return done == size;
}

/// A child with a fresh session and no signal blocked.
pid_t start(char* const argv[]) {
    const pid_t pid = ::fork();
    if (pid != 0) {
        return pid;
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setsid();
    ::close(kKeeper);
    (void)!::chdir("/");
    char path[sizeof "PATH=" + 128];
    std::snprintf(path, sizeof path, "%s", kPath);
    char home[] = "HOME=/root";
    char user[] = "USER=root";
    char lang[] = "LANG=C.UTF-8";
    char* const environment[] = {path, home, user, lang, nullptr};
    ::execve(argv[0], argv, environment);
    std::fprintf(stderr, "kiln-init: %s: %s\n", argv[0], std::strerror(errno));
    ::_exit(127);
}

void arm(int timer, time_t seconds, long nanoseconds, int flags) {
    itimerspec when{};
    when.it_value.tv_sec = seconds;
    when.it_value.tv_nsec = nanoseconds;
    ::timerfd_settime(timer, flags, &when, nullptr);
}

void begin_end(Init& init, int code) {
    if (init.ending) {
        return;
    }
    init.ending = true;
    init.code = code;
    arm(init.grace, kGraceSeconds, 0, 0);
    ::kill(-1, SIGTERM);
    ::kill(-1, SIGCONT);
}

void allow_key(const char* key, std::size_t size) {
    ::mkdir("/root", 0700);
    ::mkdir("/root/.ssh", 0700);
    char line[16 * 1024];
    if (size + 1 >= sizeof line) {
        return;
    }
    std::memcpy(line, key, size);
    line[size] = '\n';
    if (!write_file("/root/.ssh/authorized_keys", line, size + 1, 0600)) {
        say("kiln-init: the ssh key could not be written to /root/.ssh/authorized_keys\n");
        return;
    }
    if (::access("/usr/sbin/sshd", X_OK) != 0) {
        return;
    }
    ::mkdir("/run/sshd", 0755);
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char command[] = "ssh-keygen -A >/dev/null && exec /usr/sbin/sshd -D -e";
    char* const argv[] = {shell, option, command, nullptr};
    (void)start(argv);
}

void run_script(Init& init, const char* script, std::size_t size) {
    ::mkdir("/run/kiln", 0755);
    if (!write_file(kScript, script, size, 0700)) {
        say("kiln-init: user data could not be written\n");
        return;
    }
    char path[64];
    std::snprintf(path, sizeof path, "%s", kScript);
    char* const argv[] = {path, nullptr};
    init.script = start(argv);
    tell('s');
}

void set_deadline(Init& init, const char* text, std::size_t size) {
    char digits[32] = {};
    if (size >= sizeof digits) {
        return;
    }
    std::memcpy(digits, text, size);
    const long long microseconds = std::strtoll(digits, nullptr, 10);
    arm(init.deadline,
        static_cast<time_t>(microseconds / 1'000'000),
        static_cast<long>(microseconds % 1'000'000) * 1000 + 1,
        TFD_TIMER_ABSTIME);
}

void obey(Init& init, char letter, const char* bytes, std::size_t size) {
    switch (letter) {
        case 'd':
            set_deadline(init, bytes, size);
            return;
        case 'k':
            allow_key(bytes, size);
            return;
        case 'u':
            run_script(init, bytes, size);
            return;
        case 'r':
            begin_end(init, kReboot);
            return;
        case 'm':
            say("kiln-init: ");
            (void)!::write(STDERR_FILENO, bytes, size);
            return;
        default:
            return;
    }
}

/// Takes in what the keeper says. @returns  false: it is gone
bool listen(Init& init) {
    const auto got = ::read(kKeeper, init.buffer + init.filled, kMostFrame - init.filled);
    if (got <= 0) {
        return got < 0 && (errno == EINTR || errno == EAGAIN);
    }
    init.filled += static_cast<std::size_t>(got);
    while (init.filled >= 5) {
        const auto* head = reinterpret_cast<const unsigned char*>(init.buffer);
        const std::size_t size =
            head[1] | head[2] << 8U | head[3] << 16U | static_cast<std::size_t>(head[4]) << 24U;
        if (size + 5 > kMostFrame) {
            return false;
        }
        if (init.filled < size + 5) {
            break;
        }
        obey(init, init.buffer[0], init.buffer + 5, size);
        init.filled -= size + 5;
        std::memmove(init.buffer, init.buffer + size + 5, init.filled);
    }
    return true;
}

/// @returns  false: nobody is left
bool reap(Init& init) {
    for (;;) {
        const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
        if (pid <= 0) {
            return pid == 0;
        }
        if (pid == init.script) {
            init.script = -1;
            tell('e');
        }
    }
}

void take_signals(Init& init) {
    signalfd_siginfo got{};
    while (::read(init.signals, &got, sizeof got) == sizeof got) {
        const int number = static_cast<int>(got.ssi_signo);
        if (number == SIGINT || number == SIGRTMIN + 5) {
            begin_end(init, kReboot);
        } else if (number != SIGCHLD) {
            begin_end(init, kPowerOff);
        }
    }
}

[[noreturn]] void serve(Init& init) {
    for (;;) {
        const bool anybody = reap(init);
        if (init.ending && !anybody) {
            ::sync();
            ::_exit(init.code);
        }
        pollfd waits[] = {
            {init.signals, POLLIN, 0},
            {init.deadline, POLLIN, 0},
            {init.grace, POLLIN, 0},
            {kKeeper, POLLIN, 0}};
        if (::poll(waits, 4, -1) < 0) {
            continue;
        }
        if (waits[0].revents != 0) {
            take_signals(init);
        }
        if (waits[1].revents != 0) {
            say("kiln-init: its lifetime is over\n");
            arm(init.deadline, 0, 0, 0);
            begin_end(init, kPowerOff);
        }
        if (waits[2].revents != 0) {
            ::kill(-1, SIGKILL);
            arm(init.grace, kGraceSeconds, 0, 0);
        }
        if (waits[3].revents != 0 && !listen(init)) {
            ::kill(-1, SIGKILL);
            ::_exit(1);
        }
    }
}

int block_signals() {
    sigset_t all;
    sigemptyset(&all);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGPWR}) {
        sigaddset(&all, number);
    }
    for (int number = SIGRTMIN + 3; number <= SIGRTMIN + 5; ++number) {
        sigaddset(&all, number);
    }
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    return ::signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
}

}  // namespace

int main() {
    Init init;
    init.signals = block_signals();
    init.deadline = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    init.grace = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    init.buffer = static_cast<char*>(std::malloc(kMostFrame));
    if (init.signals < 0 || init.deadline < 0 || init.grace < 0 || init.buffer == nullptr ||
        ::fcntl(kKeeper, F_SETFD, FD_CLOEXEC) != 0) {
        say("kiln-init: cannot run\n");
        return 1;
    }
    tell('b');
    serve(init);
}
