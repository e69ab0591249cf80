#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>

namespace kiln::images {

/// Called now and then while something takes time. `total` is 0 where it is not known.
using Progress = std::function<void(std::string_view phase, Bytes done, Bytes total)>;

/// What every operation on images works with.
///
/// The job and its run folder are the caller's: the folder exists, stands in the ledger, and
/// belongs to this operation alone. What an operation makes is in the ledger under the job before
/// it is made; what is to stay (an image, its snapshot, an exported file) is released by the
/// operation as its last act. So the caller does the same after success, failure and kill -9: it
/// undoes what the ledger has of the job.
struct Task {
    ports::Cloud& cloud;
    ports::Ledger& ledger;
    JobId job;
    std::filesystem::path folder;
    std::stop_token stop;
    Deadline deadline;
    Progress progress;

    void report(std::string_view phase, Bytes done = {}, Bytes total = {}) const {
        if (progress) {
            progress(phase, done, total);
        }
    }

    /// @throws Error  cancelled · timed_out
    void check(std::string_view doing) const;
};

}  // namespace kiln::images
