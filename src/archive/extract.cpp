#include "archive/archive.hpp"
#include "archive/member_path.hpp"
#include "archive/posix_acl.hpp"
#include "archive/reader.hpp"
#include "archive/tree_writer.hpp"
#include "base/error.hpp"

#include <cerrno>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

constexpr Bytes kRatioJudgedFrom{64U << 20};

constexpr std::string_view kAclAccess = "system.posix_acl_access";
constexpr std::string_view kAclDefault = "system.posix_acl_default";

/// Counts what comes out and stops a bomb before it fills the disk.
class Budget {
  public:
    Budget(const Limits& limits, const Reader& reader) : limits_{limits}, reader_{reader} {}

    void member(std::uint64_t declared_bytes) {
        if (++done_.entries > limits_.entries) {
            refuse(fmt::format("it has more than {} members", limits_.entries));
        }
        if (declared_bytes > limits_.bytes.count - done_.bytes.count) {
            refuse(fmt::format("it unpacks to more than {}", humanize(limits_.bytes)));
        }
    }

    void bytes(std::uint64_t count) { done_.bytes += Bytes{count}; }

    void ratio() const {
        const auto unpacked = reader_.unpacked();
        if (unpacked > kRatioJudgedFrom &&
            unpacked.count / limits_.ratio > reader_.packed().count) {
            refuse(fmt::format("it unpacks to more than {} times its size", limits_.ratio));
        }
    }

    [[nodiscard]] const Extracted& done() const { return done_; }

  private:
    [[noreturn]] static void refuse(const std::string& why) {
        throw Error{ErrorKind::invalid, fmt::format("the archive is refused as a bomb: {}", why)};
    }

    const Limits& limits_;
    const Reader& reader_;
    Extracted done_;
};

Metadata metadata_of(archive_entry* entry, Ownership ownership) {
    Metadata metadata;
    metadata.mode = archive_entry_perm(entry);
    if (archive_entry_mtime_is_set(entry) != 0) {
        metadata.modified = timespec{
            .tv_sec = archive_entry_mtime(entry), .tv_nsec = archive_entry_mtime_nsec(entry)};
    }
    if (ownership == Ownership::ours) {
        return metadata;
    }
    metadata.uid = static_cast<uid_t>(archive_entry_uid(entry));
    metadata.gid = static_cast<gid_t>(archive_entry_gid(entry));
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
        if (!std::string_view{name}.starts_with("system.")) {  // the kernel's own: ACLs come below
            metadata.xattrs.emplace_back(name, std::string{static_cast<const char*>(value), size});
        }
    }
    for (const auto& [type, xattr] :
         {std::pair{ARCHIVE_ENTRY_ACL_TYPE_ACCESS, kAclAccess},
          std::pair{ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, kAclDefault}}) {
        if (auto acl = acl_to_xattr(entry, type); !acl.empty()) {
            metadata.xattrs.emplace_back(xattr, std::move(acl));
        }
    }
    return metadata;
}

void write_at(const os::Fd& file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const auto wrote =
            ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw_errno("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
        offset += static_cast<std::uint64_t>(wrote);
    }
}

void unpack_file(
    Reader& reader,
    TreeWriter& tree,
    const std::string& path,
    std::uint64_t size,
    const Metadata& metadata,
    const Budget& budget
) {
    auto file = tree.begin_file(path);
    Reader::Block block;
    std::uint64_t end = 0;
    while (reader.read(block)) {
        if (block.offset > size || block.bytes.size() > size - block.offset) {
            throw Error{ErrorKind::invalid, "it has more bytes than it says"};
        }
        write_at(file, block.bytes, block.offset);
        end = block.offset + block.bytes.size();
        budget.ratio();
    }
    if (end < size && ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
        throw_errno("set size");
    }
    tree.seal(std::move(file), metadata);
}

void unpack_member(
    Reader& reader, TreeWriter& tree, archive_entry* entry, Ownership ownership, Budget& budget
) {
    const auto size =
        static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    budget.member(size);
    const char* name = archive_entry_pathname(entry);
    const auto path = member_path(name != nullptr ? name : "");
    if (const char* target = archive_entry_hardlink(entry); target != nullptr) {
        try {
            tree.hard_link(path, member_path(target));
        } catch (const Error& error) {
            throw error.while_(fmt::format("hard link to {}", shown_name(target)));
        }
        return;
    }
    auto metadata = metadata_of(entry, ownership);
    switch (const auto type = archive_entry_filetype(entry); type) {
        case AE_IFREG:
            unpack_file(reader, tree, path, size, metadata, budget);
            budget.bytes(size);
            break;
        case AE_IFDIR:
            tree.folder(path, std::move(metadata));
            break;
        case AE_IFLNK: {
            const char* target = archive_entry_symlink(entry);
            tree.symlink(path, target != nullptr ? target : "", metadata);
            break;
        }
        case AE_IFCHR:
        case AE_IFBLK:
        case AE_IFIFO:
            tree.node(path, type, archive_entry_rdev(entry), metadata);
            break;
        default:
            throw Error{ErrorKind::invalid, "its type is unknown"};
    }
}

}  // namespace

Extracted extract(
    const std::filesystem::path& archive,
    const std::filesystem::path& folder,
    Ownership ownership,
    const Limits& limits,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress
) {
    try {
        Reader reader{archive, stop, progress};
        TreeWriter tree{os::open_file(folder, O_PATH | O_DIRECTORY), ownership};
        Budget budget{limits, reader};
        while (auto* entry = reader.next()) {
            budget.ratio();
            try {
                unpack_member(reader, tree, entry, ownership, budget);
            } catch (const Error& error) {
                const char* name = archive_entry_pathname(entry);
                throw error.while_(fmt::format("member {}", shown_name(name != nullptr ? name : ""))
                );
            }
        }
        budget.ratio();
        tree.finish();
        return budget.done();
    } catch (const Error& error) {
        throw error.while_(fmt::format("unpack {}", shown_name(archive.string())));
    }
}

}  // namespace kiln::archive
