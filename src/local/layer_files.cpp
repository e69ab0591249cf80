#include "local/layer_files.hpp"

#include "base/error.hpp"
#include "local/qcow2.hpp"
#include "os/fd.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::local {

namespace {

constexpr std::string_view kSuffix = ".qcow2";

void make_folder(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw Error::from_errno(error.value(), "make the folder '" + path.string() + "'");
    }
}

std::optional<LayerId> layer_of(const std::string& name) {
    if (!name.ends_with(kSuffix)) {
        return std::nullopt;
    }
    const std::string stem = name.substr(0, name.size() - kSuffix.size());
    return is_id("lay-", stem) ? std::optional{LayerId::trusted(stem)} : std::nullopt;
}

}  // namespace

LayerFiles::LayerFiles(const std::filesystem::path& cloud)
    : cloud_{cloud}, layers_{cloud / "layers"}, attached_{cloud / "attached"} {
    make_folder(layers_);
    make_folder(attached_);
}

void LayerFiles::make(const LayerId& id, Bytes virtual_size, const std::optional<LayerId>& backing)
    const {
    const auto file_path = path(id);
    os::Fd file = os::open_file(file_path, O_RDWR | O_CREAT | O_EXCL, 0600);
    try {
        write_empty_qcow2(file, virtual_size, backing ? name(*backing) : "");
        if (::fsync(file.get()) != 0) {
            throw_errno("sync '" + file_path.string() + "'");
        }
        os::sync_path(layers_);
    } catch (const Error&) {
        ::unlink(file_path.c_str());
        throw;
    }
}

void LayerFiles::freeze(const LayerId& id) const {
    const auto file_path = path(id);
    const os::Fd file = os::open_file(file_path, O_RDONLY);
    if (::fchmod(file.get(), 0444) != 0) {
        throw_errno("write-protect '" + file_path.string() + "'");
    }
    if (::fsync(file.get()) != 0) {
        throw_errno("sync '" + file_path.string() + "'");
    }
    os::sync_path(layers_);
}

void LayerFiles::remove(const LayerId& id) const {
    if (::unlink(path(id).c_str()) != 0 && errno != ENOENT) {
        throw_errno("remove '" + path(id).string() + "'");
    }
}

void LayerFiles::replace(const LayerId& id, const LayerId& fresh) const {
    freeze(fresh);
    if (::rename(path(fresh).c_str(), path(id).c_str()) != 0) {
        throw_errno("replace '" + path(id).string() + "'");
    }
    os::sync_path(layers_);
}

bool LayerFiles::exists(const LayerId& id) const {
    struct stat status {};

    if (::lstat(path(id).c_str(), &status) == 0) {
        return S_ISREG(status.st_mode);
    }
    if (errno != ENOENT) {
        throw_errno("look at '" + path(id).string() + "'");
    }
    return false;
}

std::optional<LayerId> LayerFiles::backing(const LayerId& id) const {
    const std::string below = read_qcow2_header(path(id)).backing;
    if (below.empty()) {
        return std::nullopt;
    }
    const auto found = layer_of(below);
    if (!found) {
        throw Error{
            ErrorKind::corrupt,
            "layer " + id.str() + " stands on '" + below + "', which is no layer of this cloud"};
    }
    return found;
}

std::vector<LayerId> LayerFiles::list() const {
    std::vector<LayerId> found;
    for (const auto& entry : std::filesystem::directory_iterator{layers_}) {
        if (const auto id = layer_of(entry.path().filename().string())) {
            found.push_back(*id);
        }
    }
    return found;
}

std::filesystem::path LayerFiles::pid_file(const VolumeId& id) const {
    return attached_ / (id.str() + ".pid");
}

os::FileLock LayerFiles::try_lock(const VolumeId& id) const {
    return os::FileLock::try_acquire(attached_ / (id.str() + ".lock"));
}

void LayerFiles::forget_lock(const VolumeId& id) const {
    ::unlink((attached_ / (id.str() + ".lock")).c_str());
    ::unlink(pid_file(id).c_str());
}

std::vector<VolumeId> LayerFiles::list_locks() const {
    std::vector<VolumeId> found;
    for (const auto& entry : std::filesystem::directory_iterator{attached_}) {
        const std::string stem = entry.path().stem().string();
        if (is_id("vol-", stem)) {
            found.push_back(VolumeId::trusted(stem));
        }
    }
    return found;
}

os::FileLock LayerFiles::lock_chains(os::FileLock::Mode mode) const {
    return os::FileLock::acquire(cloud_ / "chains.lock", mode);
}

}  // namespace kiln::local
