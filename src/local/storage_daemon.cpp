#include "local/storage_daemon.hpp"

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "local/fuse_connection.hpp"
#include "os/mount.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::local {

namespace {

constexpr const char* kProgram = "qemu-storage-daemon";
constexpr const char* kExport = "disk";
constexpr int kMonitorFd = 3;
constexpr auto kReapTime = std::chrono::seconds{5};

std::pair<os::Fd, os::Fd> socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw_errno("make a socket pair");
    }
    return {os::Fd{ends[0]}, os::Fd{ends[1]}};
}

std::string node_name(unsigned generation) {
    return "top" + std::to_string(generation);
}

json::object layer_node(const std::string& name, const std::filesystem::path& layer) {
    return {
        {"driver", "qcow2"},
        {"node-name", name},
        {"discard", "unmap"},
        {"file", json::object{{"driver", "file"}, {"filename", layer.string()}}}};
}

}  // namespace

StorageDaemon StorageDaemon::start(const std::filesystem::path& pid_file) {
    auto [ours, theirs] = socket_pair();
    os::Fd words{::memfd_create("kiln-storage-daemon", MFD_CLOEXEC)};
    if (!words) {
        throw_errno("make a memory file");
    }
    os::Command command;
    command.mount_namespace = os::server_mounts();
    command.argv = {
        kProgram,
        "--chardev",
        "socket,id=monitor,fd=" + std::to_string(kMonitorFd),
        "--monitor",
        "chardev=monitor",
        "--pidfile",
        pid_file.string()};
    command.fds = {{theirs.get(), kMonitorFd}, {words.get(), STDERR_FILENO}};
    return {os::Child::spawn(command), std::move(ours), std::move(words), pid_file};
}

StorageDaemon::StorageDaemon(
    os::Child child, os::Fd socket, os::Fd stderr_file, std::filesystem::path pid_file
)
    : child_{std::move(child)},
      qmp_{std::move(socket)},
      stderr_{std::move(stderr_file)},
      pid_file_{std::move(pid_file)} {}

StorageDaemon::~StorageDaemon() {
    end();
}

void StorageDaemon::end() noexcept {
    if (child_.running()) {
        child_ = os::Child{};  // killed and reaped
        ended_ = os::ExitStatus{0, SIGKILL};
    }
    // Also after a good end: a mount that a dead server left answers nothing but ENOTCONN.
    if (!target_.empty()) {
        os::unmount_served(target_);
        target_.clear();
    }
    if (!pid_file_.empty()) {
        std::error_code ignored;
        std::filesystem::remove(pid_file_, ignored);
        pid_file_.clear();
    }
}

void StorageDaemon::open(const std::filesystem::path& layer, os::Access access, Deadline deadline) {
    json::object node = layer_node(node_name(generation_), layer);
    node["read-only"] = access == os::Access::read_only;
    execute("blockdev-add", node, deadline);
}

void StorageDaemon::serve(
    const std::filesystem::path& target, os::Access access, Deadline deadline
) {
    target_ = target;
    execute(
        "block-export-add",
        {{"type", "fuse"},
         {"id", kExport},
         {"node-name", node_name(generation_)},
         {"mountpoint", target.string()},
         {"writable", access == os::Access::read_write},
         {"growable", false},
         {"allow-other", "off"}},
        deadline
    );
    send_one_request_at_a_time(target);
}

void StorageDaemon::switch_to(const std::filesystem::path& overlay, Deadline deadline) {
    const std::string present = node_name(generation_);
    const std::string next = node_name(generation_ + 1);
    json::object node = layer_node(next, overlay);
    node["backing"] = nullptr;  // set by blockdev-snapshot; the file's header names it already
    execute("blockdev-add", node, deadline);
    try {
        execute("blockdev-snapshot", {{"node", present}, {"overlay", next}}, deadline);
    } catch (const Error&) {
        try {
            execute("blockdev-del", {{"node-name", next}}, deadline);
        } catch (const Error& second) {
            log_debug("storage-daemon-keeps-node", {{"node", next}, {"why", second.message()}});
        }
        throw;
    }
    ++generation_;
}

void StorageDaemon::stop(Deadline deadline) {
    if (!target_.empty()) {
        execute("block-export-del", {{"id", kExport}, {"mode", "hard"}}, deadline);
    }
    execute("quit", {}, deadline);
    collect_status(deadline);
    if (!ended_) {
        throw Error{ErrorKind::timed_out, "the storage daemon does not end"};
    }
    if (!ended_->ok()) {
        throw *ended_error();
    }
}

std::optional<Error> StorageDaemon::failure() {
    collect_status(Deadline::after({}));
    if (ended_) {
        return ended_error();
    }
    qmp_.poll();
    for (const auto& event : qmp_.events()) {
        if (event.at("event").as_string() == "BLOCK_IMAGE_CORRUPTED") {
            return Error{
                ErrorKind::corrupt,
                "the storage daemon found a damaged layer: " + json::serialize(event.at("data"))};
        }
    }
    return std::nullopt;
}

json::value StorageDaemon::execute(
    std::string_view command, const json::object& arguments, Deadline deadline
) {
    try {
        return qmp_.execute(command, arguments, deadline);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable) {
            throw error.while_("storage daemon");
        }
        collect_status(Deadline::after(kReapTime));
        if (auto why = ended_error()) {
            throw std::move(*why);
        }
        throw error.while_("storage daemon");
    }
}

void StorageDaemon::collect_status(Deadline deadline) {
    if (!ended_ && child_.running()) {
        ended_ = child_.wait(deadline);
    }
}

std::optional<Error> StorageDaemon::ended_error() const {
    if (!ended_) {
        return std::nullopt;
    }
    const std::string how = ended_->signal != 0 ? "signal " + std::to_string(ended_->signal)
                                                : "exit " + std::to_string(ended_->code);
    return Error{ErrorKind::unavailable, "the storage daemon ended (" + how + ")" + last_words()};
}

std::string StorageDaemon::last_words() const {
    std::array<char, 2048> text;
    const auto n = ::pread(stderr_.get(), text.data(), text.size(), 0);
    std::string words = n > 0 ? to_utf8({text.data(), static_cast<std::size_t>(n)}) : "";
    while (!words.empty() && words.back() == '\n') {
        words.pop_back();
    }
    return words.empty() ? "" : ": " + words;
}

}  // namespace kiln::local
