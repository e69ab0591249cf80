#include "jail/visitor.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <deque>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::jail {

namespace {

using Type = os::GuestRoot::Type;

constexpr int kMostLinks = 40;  // the kernel's own limit, path_resolution(7)

std::string folder_of(const std::string& path) {
    return std::filesystem::path{path}.parent_path().string();
}

std::string aside_of(const std::string& path) {
    const std::filesystem::path at{path};
    return (at.parent_path() / fmt::format(".kiln-{}", at.filename().string())).string();
}

void prepend(std::deque<std::string>& parts, std::string_view path) {
    std::vector<std::string> split;
    for (const auto& part : std::filesystem::path{path}.relative_path()) {
        split.push_back(part.string());
    }
    parts.insert(parts.begin(), split.begin(), split.end());
}

}  // namespace

Visitor::Visitor(const os::GuestRoot& guest, std::string path, std::string bytes, unsigned mode)
    : guest_{guest},
      path_{std::move(path)},
      aside_{aside_of(path_)},
      bytes_{std::move(bytes)},
      times_{guest.open(folder_of(path_), O_RDONLY | O_DIRECTORY)} {
    if (guest_.exists(aside_)) {  // left by a process that was killed
        guest_.remove(path_);
        guest_.rename(aside_, path_);
    }
    if (guest_.exists(path_)) {
        guest_.rename(path_, aside_);
    }
    try {
        place(mode);
    } catch (...) {
        if (guest_.exists(aside_)) {
            guest_.remove(path_);
            guest_.rename(aside_, path_);
        }
        throw;
    }
}

void Visitor::place(unsigned mode) {
    guest_.write(path_, bytes_, mode);
    inode_ = inode();
    times_.mark();
}

Visitor::~Visitor() {
    try {
        revert();
    } catch (const std::exception& error) {
        log_warning(
            "a file of the host stays in the image",
            {{"path", path_}, {"error", error.what()}, {"next", "the volume must not be kept"}}
        );
    }
}

std::uint64_t Visitor::inode() const {
    struct stat status {};

    if (::fstat(guest_.open(path_, O_PATH | O_NOFOLLOW).get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}' in the image", path_));
    }
    return status.st_ino;
}

bool Visitor::is_ours() const {
    const auto status = guest_.status(path_);
    return status.type == Type::file && status.size == bytes_.size() && inode() == inode_ &&
           guest_.read(path_) == bytes_;
}

void Visitor::revert() {
    if (std::exchange(done_, true)) {
        return;
    }
    const bool touched = times_.touched();
    const bool had_original = guest_.exists(aside_);
    if (!is_ours()) {
        guest_.remove(aside_);
    } else if (had_original) {
        guest_.rename(aside_, path_);
    } else {
        guest_.remove(path_);
    }
    if (!touched) {
        times_.restore();
    }
}

std::optional<std::string> leads_to(const os::GuestRoot& guest, std::string_view path) {
    std::deque<std::string> ahead;
    prepend(ahead, path);
    std::vector<std::string> done;
    for (int links = 0; !ahead.empty();) {
        const auto part = std::move(ahead.front());
        ahead.pop_front();
        if (part == "..") {
            if (!done.empty()) {
                done.pop_back();
            }
            continue;
        }
        if (part.empty() || part == ".") {
            continue;
        }
        done.push_back(part);
        const bool own = done.front() == "run" || done.front() == "tmp";
        const auto here = fmt::format("/{}", fmt::join(done, "/"));
        if (own || guest.status(here).type != Type::link) {
            continue;
        }
        if (++links > kMostLinks) {
            return std::nullopt;
        }
        const auto target = guest.read_link(here);
        done.pop_back();
        if (target.starts_with('/')) {
            done.clear();
        }
        prepend(ahead, target);
    }
    return fmt::format("/{}", fmt::join(done, "/"));
}

}  // namespace kiln::jail
