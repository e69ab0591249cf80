#pragma once

#include "bake/request.hpp"
#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "os/guest_root.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

/// Where a bootstrap's files come from, and how they get into the image.
namespace kiln::bake {

struct Bootstrap {
    std::filesystem::path folder;  ///< with its files; "" when there is no source
    std::string content_hash;      ///< 64 hex digits; of the files, or of the archive's bytes
    bool ours = false;             ///< below the work folder, not the user's own folder
};

using FetchProgress = std::function<void(Bytes done, Bytes total)>;

/// Gets the bootstrap's files onto this machine. A folder is read where it is; an archive is
/// unpacked into `work_folder`/bootstrap, which must not exist; a URL is downloaded first.
/// @param work_folder  of this bake alone; it is the caller's to remove, whatever happens
/// @param progress  of a download; total 0 while it is not known
/// @throws Error  invalid: neither folder nor tar, a member or file that a bootstrap may not have,
/// a
///                bomb · not_found · what net::download throws · cancelled
[[nodiscard]] Bootstrap fetch_bootstrap(
    const Source& source,
    const std::filesystem::path& work_folder,
    const std::stop_token& stop,
    Deadline deadline,
    const FetchProgress& progress = {}
);

/// Copies the bootstrap into an empty folder of the image: owner root, modes without set-id bits,
/// links as they are. Nothing is written through a link of the image.
/// @param inside  absolute path within the guest
/// @returns  bytes of the files copied
/// @throws Error  by errno (exhausted: no space) · cancelled
Bytes place_bootstrap(
    const std::filesystem::path& folder,
    const os::GuestRoot& guest,
    std::string_view inside,
    const std::stop_token& stop
);

}  // namespace kiln::bake
