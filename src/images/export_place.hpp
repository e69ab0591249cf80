#pragma once

#include "images/task.hpp"

#include <filesystem>

namespace kiln::images {

enum class Overwrite { no, yes };

/// Where an export is written before it is whole: a folder `.kiln-…` beside the target, in the
/// ledger as the job's. Whatever ends the process, the target holds the old content, the new, or
/// nothing.
class ExportPlace {
  public:
    /// @throws Error  conflict: the target exists · not_found: its folder does not · by errno
    ExportPlace(const Task& task, const std::filesystem::path& target, Overwrite overwrite);
    ExportPlace(ExportPlace&&) = delete;
    ~ExportPlace();

    /// What to write: a file or a folder that does not exist yet.
    [[nodiscard]] std::filesystem::path path() const { return folder_ / "export"; }

    /// Makes it durable and gives it its name; the old one is replaced in the same moment.
    /// @throws Error  conflict: a target appeared meanwhile and is not to be overwritten
    void commit();

  private:
    const Task& task_;
    std::filesystem::path target_;
    Overwrite overwrite_;
    std::filesystem::path folder_;
};

}  // namespace kiln::images
