#include "jail/tests/small_jail.hpp"

#include "base/random.hpp"
#include "os/fd.hpp"
#include "os/spawn.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/stat.h>
#include <unistd.h>

namespace kiln::jail::testing {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kBusybox = "/bin/busybox";

std::string unique_name() {
    return fmt::format("jail-test-{:02x}", fmt::join(random_bytes<6>(), ""));
}

void fill_root(const fs::path& root) {
    for (const auto* folder :
         {"bin", "dev", "etc", "proc", "run", "tmp", "usr/sbin", "usr/bin", "mnt"}) {
        fs::create_directories(root / folder);
    }
    fs::copy_file(kBusybox, root / "bin/busybox");
    fs::copy_file(KILN_JAIL_HOSTILE, root / "bin/hostile");
    for (const auto* applet : {"sh",    "cat",  "ls",     "ps",   "sleep",    "kill",  "true",
                               "false", "echo", "id",     "env",  "hostname", "touch", "mkdir",
                               "stat",  "tr",   "setsid", "grep", "rm",       "chown", "tty"}) {
        fs::create_symlink("busybox", root / "bin" / applet);
    }
    os::write_file_durably(
        root / "etc/passwd", "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n"
    );
    os::write_file_durably(root / "etc/group", "root:x:0:\nuser:x:1000:\n");
    os::write_file_durably(root / "etc/resolv.conf", "nameserver 192.0.2.1\n");
}

}  // namespace

std::optional<std::string> cannot_jail() {
    if (::geteuid() != 0) {
        return "needs root";
    }
    if (!os::find_program("bwrap")) {
        return "needs bwrap (apt-get install bubblewrap)";
    }
    if (!fs::exists(kBusybox)) {
        return "needs /bin/busybox (apt-get install busybox-static)";
    }
    return std::nullopt;
}

SmallJail::SmallJail(const os::CgroupLimits& limits)
    : folder_{os::TempDir::unique(fs::temp_directory_path(), "kiln-jail")},
      cgroup_{os::Cgroup::make(unique_name(), limits)} {
    fill_root(root());
    os::write_file_durably(canary(), "canary");
}

JailPlan SmallJail::plan(std::vector<std::string> command) const {
    JailPlan plan;
    plan.root = root();
    plan.command = std::move(command);
    return plan;
}

JailPlan SmallJail::hostile(std::vector<std::string> attempt) const {
    attempt.insert(attempt.begin(), "hostile");
    return plan(std::move(attempt));
}

Ran SmallJail::run(const JailPlan& plan, const Limits& limits) const {
    Ran ran;
    const auto keep = [&](Stream stream, const os::Line& line) {
        auto& text = stream == Stream::out ? ran.out : ran.err;
        text += line.text;
        ran.longest_part = std::max(ran.longest_part, line.text.size());
        if (!line.more) {
            text += '\n';
        }
    };
    ran.outcome = run_jail(
        plan, limits, cgroup_, keep, std::stop_token{}, Deadline::after(std::chrono::seconds{60})
    );
    return ran;
}

std::vector<std::string> SmallJail::listing() const {
    const auto line = [](const fs::path& path) {
        struct stat status {};
        ::lstat(path.c_str(), &status);
        return fmt::format(
            "{} {:o} {}:{} {} {}.{:09}",
            path.native(),
            status.st_mode,
            status.st_uid,
            status.st_gid,
            status.st_size,
            status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec
        );
    };
    std::vector<std::string> lines{line(root())};
    for (const auto& entry : fs::recursive_directory_iterator{root()}) {
        lines.push_back(line(entry.path()));
    }
    std::ranges::sort(lines);
    return lines;
}

}  // namespace kiln::jail::testing
