#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// `kiln doctor`: what the host offers. The facts are gathered by doctor_facts.cpp, judged here.
namespace kiln::cli {

enum class DeepCheck { no, yes };

/// A program that kiln runs (or a library that it loads), and the Debian package that has it.
struct ProgramFact {
    std::string name;
    std::string package;
    std::vector<std::string> ask;  ///< arguments that make it say its version; none: a library
    std::string needed_for;        ///< "bakes", "xfs images", …
    bool required = false;         ///< nothing can be baked without it
    std::optional<std::string> version;  ///< none: not found
};

struct HostFacts {
    bool root = false;
    bool fuse_device = false;
    bool loop_control = false;
    std::optional<std::string> jail_problem;  ///< why bubblewrap could not run `true`; none: it did
    std::vector<std::string> cgroup_controllers;  ///< "memory", "pids", "cpu quota", …
    std::optional<std::string> cgroup_problem;    ///< why no group could be made; none: one was
    std::optional<std::string> kvm_problem;       ///< none: a guest ran under KVM
    /// Why no network of an instance's could be made (namespace, veth pair, rules); none: one was.
    std::optional<std::string> network_problem;
    bool fuse_export = false;  ///< qemu-storage-daemon was built with FUSE exports
    bool fusectl = false;      ///< the control file system is mounted, or can be
    std::vector<ProgramFact> programs;
    std::string home;
    std::optional<std::string> home_problem;  ///< why the home folder cannot be used
    Bytes free;
    Bytes least_free;  ///< the setting
    std::optional<std::string> store_problem;
    bool layers_checked = false;
    std::vector<std::pair<std::string, std::string>> bad_layers;  ///< with what is wrong
};

struct Check {
    enum class State { ok, warn, fail };
    std::string name;
    State state = State::ok;
    std::string found;
    std::string fix;  ///< "" where there is nothing to do
    bool operator==(const Check&) const = default;
};

/// Pure. `fail`: bakes cannot work; `warn`: something that some people need is missing.
[[nodiscard]] std::vector<Check> judge(const HostFacts& facts);

[[nodiscard]] json::object to_json(const std::vector<Check>& checks);

/// The programs that kiln runs, not yet looked for.
[[nodiscard]] std::vector<ProgramFact> known_programs();

}  // namespace kiln::cli
