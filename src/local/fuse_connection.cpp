#include "local/fuse_connection.hpp"

#include "base/error.hpp"
#include "base/fault.hpp"
#include "os/fd.hpp"

#include <cerrno>
#include <string>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace kiln::local {

namespace {

constexpr const char* kConnections = "/sys/fs/fuse/connections";

std::filesystem::path connection_folder(const std::filesystem::path& export_file) {
    struct stat status {};

    if (::stat(export_file.c_str(), &status) != 0) {
        throw_errno("look at the export '" + export_file.string() + "'");
    }
    return std::filesystem::path{kConnections} / std::to_string(minor(status.st_dev));
}

bool is_one(std::string_view text) {
    return text == "1" || text == "1\n";
}

}  // namespace

void send_one_request_at_a_time(const std::filesystem::path& export_file) {
    if (fault_wanted("skip", "max_background")) {
        return;  // for the test that shows what happens without
    }
    const auto limit = connection_folder(export_file) / "max_background";
    try {
        if (!std::filesystem::exists(limit) &&
            ::mount("none", kConnections, "fusectl", 0, nullptr) != 0 && errno != EBUSY) {
            throw_errno(std::string{"mount fusectl at '"} + kConnections + "'");
        }
        os::write_kernel_file(limit, "1");
        if (!is_one(os::read_file(limit, 64))) {
            throw Error{
                ErrorKind::unavailable, "'" + limit.string() + "' does not keep the value 1"};
        }
    } catch (const Error& error) {
        throw Error{
            ErrorKind::unavailable,
            "cannot limit the requests to the storage daemon, without which it would corrupt "
            "data: " +
                error.message()}
            .hint("mount -t fusectl none /sys/fs/fuse/connections");
    }
}

}  // namespace kiln::local
