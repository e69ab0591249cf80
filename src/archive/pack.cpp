#include "archive/archive.hpp"
#include "archive/member_path.hpp"
#include "archive/posix_acl.hpp"
#include "archive/thread_locale.hpp"
#include "archive/tree_walk.hpp"
#include "base/error.hpp"
#include "os/interrupt.hpp"

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

constexpr std::size_t kBlock = 256U << 10;

struct FreeWriter {
    void operator()(::archive* writer) const noexcept { archive_write_free(writer); }
};

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

using EntryPtr = std::unique_ptr<archive_entry, FreeEntry>;

/// Where libarchive's output goes. An exception must not pass through C code: it waits here.
struct Output {
    const std::function<void(std::string_view)>& write;
    std::exception_ptr failure;
};

la_ssize_t write_callback(::archive* writer, void* to, const void* bytes, std::size_t size) {
    auto& output = *static_cast<Output*>(to);
    if (output.failure) {
        return -1;
    }
    try {
        output.write({static_cast<const char*>(bytes), size});
        return static_cast<la_ssize_t>(size);
    } catch (...) {  // the edge of C code
        output.failure = std::current_exception();
        archive_set_error(writer, EIO, "output failed");
        return -1;
    }
}

std::string read_xattr(const std::string& path, const std::string& name) {
    std::string value;
    for (;;) {
        const auto size = ::lgetxattr(path.c_str(), name.c_str(), nullptr, 0);
        if (size < 0) {
            throw_errno(fmt::format("read extended attribute {}", shown_name(name)));
        }
        value.resize(static_cast<std::size_t>(size));
        const auto got = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
        if (got >= 0) {
            value.resize(static_cast<std::size_t>(got));
            return value;
        }
        if (errno != ERANGE) {
            throw_errno(fmt::format("read extended attribute {}", shown_name(name)));
        }
    }
}

std::vector<std::string> xattr_names(const std::string& path) {
    std::string list;
    ssize_t size = ::llistxattr(path.c_str(), nullptr, 0);
    if (size > 0) {
        list.resize(static_cast<std::size_t>(size));
        size = ::llistxattr(path.c_str(), list.data(), list.size());
    }
    if (size < 0 && errno != ENOTSUP) {
        throw_errno("list extended attributes");
    }
    std::vector<std::string> names;
    for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
        names.emplace_back(list.c_str() + at);
        at += names.back().size() + 1;
    }
    std::sort(names.begin(), names.end());
    // libarchive writes them in the reverse of the order they were added in.
    std::reverse(names.begin(), names.end());
    return names;
}

void add_xattrs(archive_entry* entry, const WalkEntry& found) {
    const auto path = fmt::format("/proc/self/fd/{}/{}", found.folder, found.name);
    for (const auto& name : xattr_names(path)) {
        const auto value = read_xattr(path, name);
        if (name == "system.posix_acl_access") {
            (void)acl_from_xattr(entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, value);
        } else if (name == "system.posix_acl_default") {
            (void)acl_from_xattr(entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, value);
        } else if (!name.starts_with("system.")) {
            archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
        }
    }
}

std::string read_link(const WalkEntry& found) {
    std::string target(static_cast<std::size_t>(found.status.st_size) + 1, '\0');
    const auto size = ::readlinkat(found.folder, found.name.c_str(), target.data(), target.size());
    if (size < 0 || static_cast<std::size_t>(size) == target.size()) {
        throw_errno("read symbolic link");
    }
    target.resize(static_cast<std::size_t>(size));
    return target;
}

class Packer {
  public:
    Packer(const std::function<void(std::string_view)>& write, const std::stop_token& stop)
        : output_{write, nullptr},
          stop_{stop},
          writer_{archive_write_new()},
          buffer_(kBlock, '\0') {
        KILN_CHECK(writer_ != nullptr);
        archive_write_set_format_pax(writer_.get());
        archive_write_set_options(writer_.get(), "xattrheader=SCHILY");
        archive_write_set_bytes_per_block(writer_.get(), static_cast<int>(kBlock));
        archive_write_set_bytes_in_last_block(writer_.get(), 1);
        check(archive_write_open(writer_.get(), &output_, nullptr, write_callback, nullptr));
    }

    void add(const WalkEntry& found) {
        if (S_ISSOCK(found.status.st_mode)) {
            return;  // tar has no sockets; they are made anew by whoever listens
        }
        try {
            const auto entry = describe(found);
            // ARCHIVE_WARN: the name is not UTF-8 and was written as binary.
            check(archive_write_header(writer_.get(), entry.get()));
            if (S_ISREG(found.status.st_mode) && archive_entry_hardlink(entry.get()) == nullptr) {
                add_bytes(found);
            }
        } catch (const Error& error) {
            throw error.while_(fmt::format("pack {}", shown_name(found.path)));
        }
    }

    void close() { check(archive_write_close(writer_.get())); }

  private:
    EntryPtr describe(const WalkEntry& found) {
        EntryPtr entry{archive_entry_new()};
        KILN_CHECK(entry != nullptr);
        const auto& status = found.status;
        const auto path = found.path.empty() ? std::string{"./"} : "./" + found.path;
        archive_entry_copy_pathname(entry.get(), path.c_str());
        archive_entry_set_mode(entry.get(), status.st_mode);
        archive_entry_set_uid(entry.get(), status.st_uid);
        archive_entry_set_gid(entry.get(), status.st_gid);
        archive_entry_set_mtime(entry.get(), status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
        archive_entry_set_size(entry.get(), S_ISREG(status.st_mode) ? status.st_size : 0);
        if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
            archive_entry_set_rdev(entry.get(), status.st_rdev);
        }
        if (!S_ISDIR(status.st_mode) && status.st_nlink > 1) {
            const auto [first, is_new] = links_.emplace(status.st_ino, path);
            if (!is_new) {
                archive_entry_copy_hardlink(entry.get(), first->second.c_str());
                archive_entry_set_size(entry.get(), 0);
                return entry;
            }
        }
        if (S_ISLNK(status.st_mode)) {
            archive_entry_copy_symlink(entry.get(), read_link(found).c_str());
        }
        add_xattrs(entry.get(), found);
        return entry;
    }

    void add_bytes(const WalkEntry& found) {
        const os::Fd file{::openat(
            found.folder, found.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        )};
        if (!file) {
            throw_errno("open");
        }
        auto left = static_cast<std::uint64_t>(found.status.st_size);
        while (left > 0) {
            os::throw_if_stopped(stop_, "pack");
            const auto got = ::read(file.get(), buffer_.data(), std::min(buffer_.size(), left));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                throw_errno("read");
            }
            if (got == 0) {
                throw Error{ErrorKind::conflict, "it was made shorter while it was read"};
            }
            const auto wrote =
                archive_write_data(writer_.get(), buffer_.data(), static_cast<std::size_t>(got));
            check(wrote == got ? ARCHIVE_OK : ARCHIVE_FATAL);
            left -= static_cast<std::uint64_t>(got);
        }
    }

    void check(int result) {
        if (output_.failure) {
            std::rethrow_exception(output_.failure);
        }
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
            const char* said = archive_error_string(writer_.get());
            throw Error{
                ErrorKind::internal,
                fmt::format("write tar: {}", said != nullptr ? said : "failed")};
        }
    }

    ThreadLocale locale_{"C.UTF-8"};
    Output output_;
    const std::stop_token& stop_;
    std::unique_ptr<::archive, FreeWriter> writer_;
    std::string buffer_;
    std::map<ino_t, std::string> links_;
};

}  // namespace

void pack(
    const std::filesystem::path& root,
    const std::function<void(std::string_view)>& write,
    const std::stop_token& stop
) {
    Packer packer{write, stop};
    walk_tree(
        root, Mounts::pass_over, [&](const WalkEntry& found) { packer.add(found); }, stop
    );
    packer.close();
}

}  // namespace kiln::archive
