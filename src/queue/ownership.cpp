#include "queue/ownership.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <fmt/format.h>

namespace kiln::queue {

namespace {

std::filesystem::path lock_file(const std::filesystem::path& home) {
    return home / "queues.lock";
}

std::filesystem::path owner_file(const std::filesystem::path& home) {
    return home / "queues.owner";
}

std::string read_owner(const std::filesystem::path& home) {
    std::error_code error;
    return std::filesystem::exists(owner_file(home), error) ? os::read_file(owner_file(home)) : "";
}

}  // namespace

Ownership Ownership::acquire(const std::filesystem::path& home, const std::string& owner) {
    auto lock = os::FileLock::try_acquire(lock_file(home));
    if (!lock) {
        const auto other = read_owner(home);
        throw Error{
            ErrorKind::conflict,
            fmt::format(
                "the queues of '{}' belong to another process{}{}",
                home.string(),
                other.empty() ? "" : ": ",
                other
            )}
            .hint("talk to it at its address, or end it");
    }
    os::write_file_durably(owner_file(home), owner);
    return Ownership{std::move(lock)};
}

std::string Ownership::owner(const std::filesystem::path& home) {
    std::error_code error;
    if (!std::filesystem::exists(lock_file(home), error) ||
        os::FileLock::try_acquire(lock_file(home), os::FileLock::Mode::shared)) {
        return "";
    }
    const auto owner = read_owner(home);
    return owner.empty() ? "another process" : owner;
}

}  // namespace kiln::queue
