#include "jail/folder_times.hpp"

#include "base/error.hpp"

#include <array>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::jail {

namespace {

std::timespec changed_at(const os::Fd& folder) {
    struct stat status {};

    if (::fstat(folder.get(), &status) != 0) {
        throw_errno("look at a folder of the image");
    }
    return status.st_mtim;
}

}  // namespace

FolderTimes::FolderTimes(os::Fd folder)
    : folder_{std::move(folder)}, before_{changed_at(folder_)}, marked_{before_} {}

void FolderTimes::mark() {
    marked_ = changed_at(folder_);
}

bool FolderTimes::touched() const {
    const auto now = changed_at(folder_);
    return now.tv_sec != marked_.tv_sec || now.tv_nsec != marked_.tv_nsec;
}

void FolderTimes::restore() const {
    const std::array<std::timespec, 2> times{std::timespec{0, UTIME_OMIT}, before_};
    if (::futimens(folder_.get(), times.data()) != 0) {
        throw_errno("set the time of a folder of the image");
    }
}

}  // namespace kiln::jail
