#include "os/cgroup_files.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <charconv>

namespace kiln::os {

std::optional<std::string> read_if_there(const std::filesystem::path& path) {
    try {
        return read_file(path);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

std::uint64_t number_in(const std::filesystem::path& path) {
    const auto text = read_if_there(path).value_or("");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void write_if_there(const std::filesystem::path& path, std::string_view text) {
    try {
        write_kernel_file(path, text);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
}

}  // namespace kiln::os
