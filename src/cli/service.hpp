#pragma once

#include "cli/listen.hpp"
#include "cli/output.hpp"
#include "ports/queue.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::cli {

/// How a process that goes on runs, and ends.
struct ServiceRun {
    const Output& output;
    std::stop_token stop;
    std::stop_token hasten;  ///< what is under way is not waited for any more
};

struct ServeOptions {
    ListenAddress listen;
    std::filesystem::path tls_cert;  ///< "": no TLS
    std::filesystem::path tls_key;
    std::size_t concurrency = 1;  ///< bakes at once
    bool bakery = true;           ///< takes bake requests itself
};

struct WorkOptions {
    std::string queue;                  ///< as ports::parse_queue_reference has it
    std::optional<std::string> server;  ///< of a queue of kiln's own; none: that of this home
    std::size_t concurrency = 1;
};

/// What does the jobs of `kiln job work`: a program, which reads a job's JSON from its stdin.
struct JobWorkOptions {
    std::vector<std::string> queues;    ///< of one place, as ports::parse_queue_reference has them
    std::optional<std::string> server;  ///< of queues of kiln's own; none: that of this home
    std::size_t concurrency = 1;        ///< jobs of each queue at once
    std::vector<std::string> program;   ///< with its arguments
};

/// A server's queues. Both live as long as who gave them.
struct QueueAccess {
    ports::MessageQueue& messages;
    ports::QueueAdmin& admin;
};

}  // namespace kiln::cli
