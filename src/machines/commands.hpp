#pragma once

#include "asl/refusal.hpp"
#include "machines/machine.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the registry is asked, and what it answers: values.
namespace kiln::machines {

using asl::Done;
using asl::Refusal;
using asl::Result;

struct CreateMachine {
    std::string name;
    std::string definition;
    std::string role;
    MachineType type = MachineType::standard;
    /// As given; nullopt: AWS' default.
    std::optional<json::object> logging, tracing, encryption;
    Tags tags;
    bool publish = false;
    std::optional<std::string> version_description;
};

struct CreatedMachine {
    std::string arn;
    TimePoint created;
    std::string version_arn;  ///< "" none
};

struct UpdateMachine {
    std::string arn;
    /// What is not given stays.
    std::optional<std::string> definition, role;
    std::optional<json::object> logging, tracing, encryption;
    bool publish = false;
    std::optional<std::string> version_description;
};

struct UpdatedMachine {
    TimePoint updated;
    std::string revision_id;  ///< "" the machine's first
    std::string version_arn;  ///< "" none
};

struct PublishVersion {
    std::string machine_arn;
    std::optional<std::string> revision_id;  ///< only if this is the current one
    std::optional<std::string> description;
};

struct PublishedVersion {
    std::string arn;
    TimePoint created;
};

/// As given: ARN of a version, weight.
struct GivenRoute {
    std::string version_arn;
    std::int64_t weight = 0;
};

struct CreateAlias {
    std::string name;
    std::optional<std::string> description;
    std::vector<GivenRoute> routes;
};

struct CreatedAlias {
    std::string arn;
    TimePoint created;
};

struct UpdateAlias {
    std::string arn;
    std::optional<std::string> description;
    std::optional<std::vector<GivenRoute>> routes;
};

struct CreateActivity {
    std::string name;
    std::optional<json::object> encryption;
    Tags tags;
};

struct CreatedActivity {
    std::string arn;
    TimePoint created;
};

/// What an ARN of a machine, a version or an alias means.
struct Target {
    MachinePtr machine;
    RevisionPtr revision;
    std::optional<Version> version;  ///< set for versions and aliases
    std::optional<Alias> alias;
    std::string label;  ///< of a distributed Map in it; "" none
};

}  // namespace kiln::machines
