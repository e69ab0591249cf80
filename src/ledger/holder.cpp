#include "ledger/job.hpp"
#include "os/fd.hpp"

#include <cerrno>
#include <string_view>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>

namespace kiln::ledger {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".lock";
constexpr std::string_view kUnbornSuffix = ".new";

fs::path lock_file(const fs::path& folder, const HolderId& id) {
    return folder / (id.str() + std::string{kSuffix});
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    if (fs::create_directories(folder, error) && !error) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    if (error) {
        throw Error::from_errno(error.value(), fmt::format("make folder '{}'", folder.native()));
    }
}

/// Does anyone hold it? Never makes the file.
bool is_locked(const fs::path& path) {
    os::Fd file;
    try {
        file = os::open_file(path, O_RDONLY | O_NOCTTY);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return false;
        }
        throw;
    }
    // Shared, so that two who look at once do not take each other for the holder.
    if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) {
        return false;
    }
    if (errno != EWOULDBLOCK) {
        throw_errno(fmt::format("look at the lock '{}'", path.native()));
    }
    return true;
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        files.push_back(entry.path());
    }
    return files;
}

/// The holder that a file belongs to, by its name.
std::optional<HolderId> owner_of(const fs::path& file) {
    const auto stem = file.stem().string();
    return file.extension() == kSuffix && is_id(id_kind::Holder::prefix, stem)
               ? std::optional{HolderId::trusted(stem)}
               : std::nullopt;
}

}  // namespace

Holder::Holder(const fs::path& folder) : id_{HolderId::random()}, path_{lock_file(folder, id_)} {
    make_folder(folder);
    const auto unborn = folder / (id_.str() + std::string{kUnbornSuffix});
    lock_ = os::FileLock::acquire(unborn);
    // Locked before it has its name: nobody ever sees a living holder's file unlocked.
    std::error_code error;
    fs::rename(unborn, path_, error);
    if (error) {
        throw Error::from_errno(error.value(), fmt::format("make '{}'", path_.native()));
    }
}

Holder::~Holder() {
    std::error_code ignored;  // a file that stays is swept, as after a kill -9
    fs::remove(path_, ignored);
}

bool Holder::alive(const fs::path& folder, const HolderId& id) {
    return is_locked(lock_file(folder, id));
}

std::vector<HolderId> Holder::dead(const fs::path& folder) {
    std::vector<HolderId> dead;
    for (const auto& file : files_in(folder)) {
        if (const auto owner = owner_of(file); owner && !is_locked(file) && fs::exists(file)) {
            dead.push_back(*owner);
        }
    }
    return dead;
}

void Holder::forget(const fs::path& folder, const std::vector<HolderId>& dead) {
    std::error_code ignored;  // the next sweep tries again
    for (const auto& id : dead) {
        fs::remove(lock_file(folder, id), ignored);
    }
}

}  // namespace kiln::ledger
