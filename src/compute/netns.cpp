#include "compute/netns.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/spawn.hpp"

#include <exception>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace kiln::compute {

namespace {

constexpr std::chrono::seconds kPatience{20};

/// Runs `work` in a thread of its own, which may change its namespaces.
void in_thread(const std::function<void()>& work) {
    std::exception_ptr failure;
    std::thread thread{[&] {
        try {
            work();
        } catch (...) {
            failure = std::current_exception();
        }
    }};
    thread.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
}

void run(std::vector<std::string> argv, const std::string& input, Deadline deadline) {
    os::Command command;
    command.argv = std::move(argv);
    (void)os::run_checked(command, deadline, {}, input);
}

/// No IPv6: nothing of it is set up, and nothing could be reached by it.
void close_ipv6(std::string_view device) {
    const auto file = fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", device);
    if (std::filesystem::exists(file)) {
        os::write_kernel_file(file, "1");
    }
}

void forward_packets() {
    constexpr const char* kFile = "/proc/sys/net/ipv4/ip_forward";
    if (os::read_file(kFile) != "1\n") {
        os::write_kernel_file(kFile, "1");
    }
}

os::Fd make_namespace(const NetworkPlan& plan, Deadline deadline) {
    os::Fd made;
    const int host = ::getpid();
    in_thread([&] {
        if (::unshare(CLONE_NEWNET) != 0) {
            throw_errno("make a network namespace");
        }
        made = os::open_file("/proc/thread-self/ns/net", O_RDONLY);
        close_ipv6("all");
        close_ipv6("default");
        run({"ip", "-batch", "-"}, inner_commands(plan, host), deadline);
        run({"nft", "-f", "-"}, inner_rules(), deadline);
    });
    return made;
}

}  // namespace

InstanceNetwork InstanceNetwork::make(const NetworkPlan& plan, Deadline deadline) {
    InstanceNetwork network;
    std::exception_ptr failure;
    // The rules name the interface, which need not be there yet: both are made at once, and
    // nothing passes before the namespace has its pair up on our side.
    std::thread rules{[&] {
        try {
            run({"nft", "-f", "-"}, firewall_rules(plan), deadline);
        } catch (...) {
            failure = std::current_exception();
        }
    }};
    network.firewall_ = firewall_name(plan.id);
    try {
        network.namespace_ = make_namespace(plan, deadline);
    } catch (...) {
        rules.join();
        throw;
    }
    rules.join();
    if (failure) {
        std::rethrow_exception(failure);
    }
    forward_packets();
    close_ipv6(host_interface(plan.id));
    run({"ip", "-batch", "-"}, outer_commands(plan), deadline);
    return network;
}

InstanceNetwork::~InstanceNetwork() {
    if (firewall_.empty()) {
        return;
    }
    try {
        close();
    } catch (const std::exception& error) {
        log_warning("firewall.left_behind", {{"name", firewall_}, {"error", error.what()}});
    }
}

std::string InstanceNetwork::path() const {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), namespace_.get());
}

void InstanceNetwork::inside(const std::function<void()>& work) const {
    in_thread([&] {
        if (::setns(namespace_.get(), CLONE_NEWNET) != 0) {
            throw_errno("enter a network namespace");
        }
        work();
    });
}

void InstanceNetwork::close() {
    namespace_ = {};
    if (const auto name = std::exchange(firewall_, ""); !name.empty()) {
        remove_firewall(name);
    }
}

void remove_firewall(const std::string& name) {
    const auto table = "inet " + name;
    run({"nft", "-f", "-"},
        fmt::format("table {}\ndelete table {}\n", table, table),
        Deadline::after(kPatience));
}

}  // namespace kiln::compute
