#pragma once

#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::os {

/// A mounted root file system that somebody else's code has written to, seen safely from outside.
///
/// Every path is resolved inside it, as its own processes would see it: links, absolute ones and
/// `..` included, cannot lead out (openat2 with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS).
/// Paths are absolute within the root: "/etc/machine-id". Devices, sockets and FIFOs are never
/// opened.
class GuestRoot {
  public:
    explicit GuestRoot(const std::filesystem::path& mounted);

    enum class Type { none, file, folder, link, other };

    struct Status {
        Type type = Type::none;
        std::uint64_t size = 0;
        unsigned mode = 0;
        unsigned uid = 0, gid = 0;
    };

    /// Of the entry itself, a link is not followed. Type::none when there is no such entry.
    [[nodiscard]] Status status(std::string_view path) const;

    [[nodiscard]] bool exists(std::string_view path) const {
        return status(path).type != Type::none;
    }

    /// A regular file's bytes, links followed inside; nullopt when it does not exist.
    /// @throws Error  invalid: not a regular file, or longer than `limit`
    [[nodiscard]] std::optional<std::string> read(
        std::string_view path, std::size_t limit = 16U << 20
    ) const;
    [[nodiscard]] std::string read_link(std::string_view path) const;
    /// Names in a folder, sorted; empty when there is no such folder.
    [[nodiscard]] std::vector<std::string> list(std::string_view folder) const;

    /// Replaces the entry by a regular file, written beside it and renamed over; folders above are
    /// made (0755). A link at `path` itself is replaced, never written through.
    void write(std::string_view path, std::string_view bytes, unsigned mode = 0644) const;
    void rename(std::string_view from, std::string_view to) const;
    /// Removes a file, link or whole folder; absent is success.
    void remove(std::string_view path) const;
    void make_folder(std::string_view path, unsigned mode = 0755) const;

    /// Opens an entry inside the root. @throws Error by errno
    [[nodiscard]] Fd open(std::string_view path, int flags, unsigned mode = 0) const;

  private:
    Fd root_;
};

}  // namespace kiln::os
