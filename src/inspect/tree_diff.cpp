#include "inspect/tree_diff.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "inspect/tree_entry.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace kiln::inspect {

namespace {

/// Two descriptors a level are open at a time; the usual limit of a process is 1024.
constexpr std::size_t kDeepest = 400;
constexpr std::size_t kBlock = 256U << 10;

constexpr std::array<std::string_view, 12> kAspects{
    "added",
    "removed",
    "type",
    "size",
    "content",
    "mode",
    "owner",
    "link target",
    "device",
    "xattr",
    "times",
    "not compared"};

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// One entry as it stands in both trees.
struct Pair {
    const Folder& first;
    const Folder& second;
    const std::string& name;
    struct ::stat a;
    struct ::stat b;
};

/// The merged walk.
class Walk {
  public:
    Walk(
        const TreeDiffOptions& options,
        const std::function<void(FileChange)>& sink,
        const std::stop_token& stop
    )
        : options_{options}, sink_{sink}, stop_{stop} {}

    void compare(const Folder& first, const Folder& second, std::size_t depth);
    void compare_tops(const Folder& first, const Folder& second);

    [[nodiscard]] const TreeDiffStats& stats() const noexcept { return stats_; }

  private:
    bool ignored(const std::string& path);
    void one_side(const Folder& folder, const std::string& name, Aspect aspect, std::size_t depth);
    void both(
        const Folder& first, const Folder& second, const std::string& name, std::size_t depth
    );
    void meta(const Pair& pair, std::vector<Aspect>& aspects) const;
    void content(const Pair& pair, std::vector<Aspect>& aspects);
    bool same_bytes(const Pair& pair);
    void check(const std::string& path, std::size_t depth) const;

    const TreeDiffOptions& options_;
    const std::function<void(FileChange)>& sink_;
    const std::stop_token& stop_;
    TreeDiffStats stats_;
    std::string block_a_ = std::string(kBlock, '\0');
    std::string block_b_ = std::string(kBlock, '\0');
};

void Walk::check(const std::string& path, std::size_t depth) const {
    os::throw_if_stopped(stop_, "compare files");
    if (depth > kDeepest) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}…' lies deeper than {} folders", to_utf8(path).substr(0, 80), kDeepest
            )};
    }
}

bool Walk::ignored(const std::string& path) {
    const bool hit = std::any_of(
        options_.ignore.begin(),
        options_.ignore.end(),
        [&](const std::string& pattern) { return path_matches(pattern, path); }
    );
    stats_.ignored += hit ? 1 : 0;
    return hit;
}

void Walk::compare(const Folder& first, const Folder& second, std::size_t depth) {
    check(first.path, depth);
    const auto a = first.names();
    const auto b = second.names();
    auto i = a.begin();
    auto j = b.begin();
    while (i != a.end() || j != b.end()) {
        if (j == b.end() || (i != a.end() && *i < *j)) {
            one_side(first, *i++, Aspect::removed, depth);
        } else if (i == a.end() || *j < *i) {
            one_side(second, *j++, Aspect::added, depth);
        } else {
            both(first, second, *i, depth);
            ++i;
            ++j;
        }
    }
}

/// Every entry below is named: a folder that came with a thousand files is a thousand and one
/// changes.
void Walk::one_side(
    const Folder& folder, const std::string& name, Aspect aspect, std::size_t depth
) {
    const auto path = folder.path_of(name);
    check(path, depth);
    if (ignored(path)) {
        return;
    }
    const auto status = folder.status(name);
    const bool other = status.st_dev != folder.device;
    sink_({path, other ? std::vector{aspect, Aspect::not_compared} : std::vector{aspect}});
    if (S_ISDIR(status.st_mode) && !other) {
        const auto inner = folder.enter(name);
        for (const auto& entry : inner.names()) {
            one_side(inner, entry, aspect, depth + 1);
        }
    }
}

void Walk::both(
    const Folder& first, const Folder& second, const std::string& name, std::size_t depth
) {
    const auto path = first.path_of(name);
    if (ignored(path)) {
        return;
    }
    ++stats_.compared;
    const Pair pair{first, second, name, first.status(name), second.status(name)};
    if (pair.a.st_dev != first.device || pair.b.st_dev != second.device) {
        sink_({path, {Aspect::not_compared}});
        return;
    }
    std::vector<Aspect> aspects;
    const bool same_type = (pair.a.st_mode & S_IFMT) == (pair.b.st_mode & S_IFMT);
    if (same_type) {
        content(pair, aspects);
        meta(pair, aspects);
    } else {
        aspects.push_back(Aspect::type);
    }
    if (!aspects.empty()) {
        sink_({path, std::move(aspects)});
    }
    const bool folder_a = S_ISDIR(pair.a.st_mode);
    const bool folder_b = S_ISDIR(pair.b.st_mode);
    if (folder_a && folder_b) {
        compare(first.enter(name), second.enter(name), depth + 1);
    } else if (folder_a || folder_b) {
        const auto inner = folder_a ? first.enter(name) : second.enter(name);
        for (const auto& entry : inner.names()) {
            one_side(inner, entry, folder_a ? Aspect::removed : Aspect::added, depth + 1);
        }
    }
}

void Walk::meta(const Pair& pair, std::vector<Aspect>& aspects) const {
    const auto bits = [](const struct ::stat& status) { return status.st_mode & 07777U; };
    // A link's mode means nothing on Linux (symlink(7)).
    if (!S_ISLNK(pair.a.st_mode) && bits(pair.a) != bits(pair.b)) {
        aspects.push_back(Aspect::mode);
    }
    if (pair.a.st_uid != pair.b.st_uid || pair.a.st_gid != pair.b.st_gid) {
        aspects.push_back(Aspect::owner);
    }
    if (pair.first.attributes(pair.name) != pair.second.attributes(pair.name)) {
        aspects.push_back(Aspect::xattr);
    }
    if (options_.times && !same_time(pair.a.st_mtim, pair.b.st_mtim)) {
        aspects.push_back(Aspect::times);
    }
}

void Walk::content(const Pair& pair, std::vector<Aspect>& aspects) {
    const auto type = pair.a.st_mode & S_IFMT;
    if (type == S_IFLNK) {
        if (pair.first.link_target(pair.name) != pair.second.link_target(pair.name)) {
            aspects.push_back(Aspect::link_target);
        }
    } else if (type == S_IFCHR || type == S_IFBLK) {
        if (pair.a.st_rdev != pair.b.st_rdev) {
            aspects.push_back(Aspect::device);
        }
    } else if (type == S_IFREG) {
        if (pair.a.st_size != pair.b.st_size) {
            aspects.push_back(Aspect::size);
        } else if (!same_bytes(pair)) {
            aspects.push_back(Aspect::content);
        }
    }
}

/// Fills the block from `offset`; less than a block only at the end of the file.
std::size_t read_block(
    const os::Fd& fd, std::string& block, off_t offset, const std::string& path
) {
    std::size_t filled = 0;
    while (filled < block.size()) {
        const auto got = ::pread(
            fd.get(),
            block.data() + filled,
            block.size() - filled,
            offset + static_cast<off_t>(filled)
        );
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw_errno(fmt::format("read '{}'", path));
        }
        if (got == 0) {
            break;
        }
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

bool Walk::same_bytes(const Pair& pair) {
    if (pair.a.st_size == 0) {
        return true;
    }
    if (options_.trust_times && pair.a.st_ino == pair.b.st_ino &&
        same_time(pair.a.st_mtim, pair.b.st_mtim) && same_time(pair.a.st_ctim, pair.b.st_ctim)) {
        ++stats_.trusted;
        return true;
    }
    const auto a = pair.first.open(pair.name);
    const auto b = pair.second.open(pair.name);
    const auto path = pair.first.path_of(pair.name);
    for (off_t offset = 0;;) {
        os::throw_if_stopped(stop_, "compare files");
        const auto from_a = read_block(a, block_a_, offset, path);
        const auto from_b = read_block(b, block_b_, offset, path);
        stats_.read += Bytes{from_a + from_b};
        if (from_a != from_b || std::memcmp(block_a_.data(), block_b_.data(), from_a) != 0) {
            return false;
        }
        if (from_a < kBlock) {
            return true;
        }
        offset += static_cast<off_t>(from_a);
    }
}

/// The tops themselves: their mode and owner count too, under the path "/".
void Walk::compare_tops(const Folder& first, const Folder& second) {
    const std::string itself = ".";
    const Pair pair{first, second, itself, first.status(itself), second.status(itself)};
    std::vector<Aspect> aspects;
    meta(pair, aspects);
    if (!aspects.empty()) {
        sink_({"/", std::move(aspects)});
    }
    compare(first, second, 0);
}

}  // namespace

std::string_view to_string(Aspect aspect) noexcept {
    return kAspects.at(static_cast<std::size_t>(aspect));
}

std::string describe(const FileChange& change) {
    std::string text;
    for (const auto aspect : change.aspects) {
        text += text.empty() ? "" : ", ";
        text += to_string(aspect);
    }
    return text;
}

json::object to_json(const FileChange& change) {
    json::array aspects;
    for (const auto aspect : change.aspects) {
        aspects.push_back(json::string(to_string(aspect)));
    }
    return {{"path", to_utf8(change.path)}, {"what", std::move(aspects)}};
}

bool path_matches(std::string_view pattern, std::string_view path) noexcept {
    while (!pattern.empty()) {
        if (pattern.front() == '*') {
            const bool any = pattern.starts_with("**");
            const auto rest = pattern.substr(any ? 2 : 1);
            for (std::size_t skip = 0; skip <= path.size(); ++skip) {
                if (path_matches(rest, path.substr(skip))) {
                    return true;
                }
                if (skip < path.size() && !any && path[skip] == '/') {
                    return false;
                }
            }
            return false;
        }
        if (path.empty() || (pattern.front() != path.front() && pattern.front() != '?') ||
            (pattern.front() == '?' && path.front() == '/')) {
            return false;
        }
        pattern.remove_prefix(1);
        path.remove_prefix(1);
    }
    return path.empty();
}

TreeDiffStats diff_trees(
    const std::filesystem::path& first,
    const std::filesystem::path& second,
    const TreeDiffOptions& options,
    const std::function<void(FileChange)>& sink,
    const std::stop_token& stop
) {
    Walk walk{options, sink, stop};
    walk.compare_tops(Folder::top(first.string()), Folder::top(second.string()));
    return walk.stats();
}

const std::vector<std::string>& unreproducible_paths() {
    static const std::vector<std::string> paths{
        "/var/log/**",            // says when things were done
        "/var/cache/**",          // made again from what is installed
        "/var/lib/apt/lists/**",  // the mirror's index of the day
        "/var/lib/dnf/**",        // history with times, caches
        "/tmp/**",                // belongs to nobody
        "/var/tmp/**",
        "/run/**",          // a tmpfs on a running machine
        "/etc/machine-id",  // identities that a machine makes for itself
        "/var/lib/dbus/machine-id",
        "/etc/ssh/ssh_host_*",
        "/var/lib/systemd/random-seed",
        "/var/lib/systemd/catalog/database",  // a binary cache with times and an id in it
        "**/__pycache__/**",                  // byte code carries its source's time
        "/etc/*-",              // passwd-, shadow-, group-: the copy before the last change
        "/var/lib/dpkg/*-old",  // the same of dpkg and ucf
        "/var/lib/ucf/*.?",
        "/lost+found",
    };
    return paths;
}

}  // namespace kiln::inspect
